// Enters: all records and seals, as stored. Leaves: whether they are what was written, or where they are not.
// Pure. Not its job: reading them, or saying who changed them.
import { type KeyObject, verify } from 'node:crypto';
import type { AuditHead, AuditRecord, AuditSeal, AuditVerdict } from '@vedette/contracts';
import { GENESIS, recordHash, sealHash } from './audit-chain.ts';

const MAX_FAULTS = 100;

export interface AuditToVerify {
  /** By writer, then by number. */
  readonly records: AsyncIterable<AuditRecord> | Iterable<AuditRecord>;
  /** By number. */
  readonly seals: readonly AuditSeal[];
  /** Ed25519. */
  readonly publicKey: KeyObject;
  /** Heads that were kept outside the database; what lies beyond what is stored was removed. */
  readonly keptHeads?: readonly AuditHead[];
}

export async function verifyAudit(audit: AuditToVerify): Promise<AuditVerdict> {
  const faults: AuditVerdict['faults'] = [];
  const fault = (where: string, what: string) => {
    if (faults.length < MAX_FAULTS) faults.push({ where, what });
  };
  verifySeals(audit, fault);
  const expected = headsByPlace(audit);
  const ends = new Map<string, number>();
  let before: AuditRecord | undefined;
  let records = 0;
  for await (const record of audit.records) {
    records += 1;
    const place = `${record.writer} ${record.seq}`;
    const continues = before?.writer === record.writer;
    const seq = continues ? (before?.seq ?? 0) + 1 : 1;
    if (record.seq !== seq) fault(place, `records ${seq} to ${record.seq - 1} are missing`);
    else if (record.previous !== (continues ? before?.hash : GENESIS))
      fault(place, 'it does not follow the record before it');
    if (record.hash !== recordHash(record)) fault(place, 'its content is not what was written');
    const sealed = expected.get(place);
    if (sealed !== undefined && sealed !== record.hash)
      fault(place, 'it is not the record that was signed for');
    ends.set(record.writer, Math.max(record.seq, ends.get(record.writer) ?? 0));
    before = record;
  }
  for (const { seq, writer } of newestHeads([
    ...audit.seals.flatMap(({ heads }) => heads),
    ...(audit.keptHeads ?? []),
  ]))
    if ((ends.get(writer) ?? 0) < seq)
      fault(`${writer} ${seq}`, `records ${(ends.get(writer) ?? 0) + 1} to ${seq} are missing`);
  const sealedUpTo = new Map(
    newestHeads(audit.seals.flatMap(({ heads }) => heads)).map(({ seq, writer }) => [writer, seq]),
  );
  let unsealed = 0;
  for (const [writer, end] of ends) unsealed += Math.max(0, end - (sealedUpTo.get(writer) ?? 0));
  return { records, chains: ends.size, seals: audit.seals.length, unsealed, faults };
}

function verifySeals(
  { publicKey, seals }: AuditToVerify,
  fault: (where: string, what: string) => void,
): void {
  let previous = GENESIS;
  let seq = 0;
  for (const seal of seals) {
    const place = `seal ${seal.seq}`;
    if (seal.seq !== seq + 1) fault(place, `seals ${seq + 1} to ${seal.seq - 1} are missing`);
    else if (seal.previous !== previous) fault(place, 'it does not follow the seal before it');
    if (seal.hash !== sealHash(seal)) fault(place, 'its content is not what was signed');
    else if (!isSigned(seal, publicKey)) fault(place, 'its signature is not ours');
    previous = seal.hash;
    seq = seal.seq;
  }
}

function isSigned({ hash, signature }: AuditSeal, publicKey: KeyObject): boolean {
  return verify(null, Buffer.from(hash, 'hex'), publicKey, Buffer.from(signature, 'base64url'));
}

/** What the record at a place must hash to. */
function headsByPlace({ keptHeads, seals }: AuditToVerify): ReadonlyMap<string, string> {
  const heads = [...seals.flatMap((seal) => seal.heads), ...(keptHeads ?? [])];
  return new Map(heads.map(({ hash, seq, writer }) => [`${writer} ${seq}`, hash]));
}

function newestHeads(heads: readonly AuditHead[]): AuditHead[] {
  const newest = new Map<string, AuditHead>();
  for (const head of heads) {
    if ((newest.get(head.writer)?.seq ?? 0) < head.seq) newest.set(head.writer, head);
  }
  return [...newest.values()];
}
