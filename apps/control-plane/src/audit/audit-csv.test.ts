import { HOME_TENANT } from '@vedette/contracts';
import { describe, expect, it } from 'vitest';
import { AuditChain } from './audit-chain.ts';
import { csvLine } from './audit-csv.ts';

describe('csvLine', () => {
  it('quotes what would end a field, and takes what a spreadsheet would run for text', () => {
    const record = new AuditChain({ writer: 'w' }).append({
      tenantId: HOME_TENANT,
      kind: 'signed-in',
      at: 0,
      actor: { kind: 'user', id: 'u1', name: '=HYPERLINK("http://x"),1' },
      clientAddress: null,
      requestId: null,
      cameraId: null,
      sessionId: null,
      data: { note: 'a, "b"' },
    });
    const line = csvLine(record);
    expect(line).toContain(`"'=HYPERLINK(""http://x""),1",u1,`);
    expect(line.match(/\r\n/g)).toHaveLength(1);
  });
});
