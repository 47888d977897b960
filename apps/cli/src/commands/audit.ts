import { AuditVerdict } from '@vedette/contracts';
import { Command } from 'commander';
import { askControl, CONTROL_ADDRESS_FLAGS } from '../ask-control.ts';
import { addSettingFlags, settingsFrom } from '../setting-flags.ts';

const WITHIN_MS = 600_000;

/** `vedette audit`: what can be asked of the audit from the machine that control runs on. */
export function auditCommand(): Command {
  const verify = new Command('verify').description(
    'prove that nothing in the audit was altered or removed; exit code 1 where something was',
  );
  addSettingFlags(verify, CONTROL_ADDRESS_FLAGS).action(async (options: Record<string, unknown>) => {
    const text = await askControl(settingsFrom(options), '/audit/verify', { withinMs: WITHIN_MS });
    const { chains, faults, records, seals, undelivered, unsealed } = AuditVerdict.parse(JSON.parse(text));
    for (const { what, where } of faults) console.log(`FAIL  ${where}: ${what}`);
    for (const { host, lastHeardAt, records: count, writer } of undelivered)
      console.log(
        `NOTE  ${writer} on ${host}, last heard of at ${lastHeardAt}, has not closed its chain: ${count === 0 ? 'records may be' : `${count} records are`} on its disk and come when it starts again`,
      );
    console.log(
      `${records} records in ${chains} chains, ${seals} signatures, ${unsealed} records not signed for yet`,
    );
    const intact = faults.length === 0;
    console.log(intact ? 'Nothing was altered or removed.' : 'The audit is not what was written.');
    process.exitCode = intact ? 0 : 1;
  });
  return new Command('audit').description('the record of who did what').addCommand(verify);
}
