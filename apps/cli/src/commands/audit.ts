import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AuditVerdict, type Settings } from '@vedette/contracts';
import { Command } from 'commander';
import { localRequest } from '../local-request.ts';
import { addSettingFlags, settingsFrom } from '../setting-flags.ts';

const WITHIN_MS = 600_000;

/** `vedette audit`: what can be asked of the audit from the machine that control runs on. */
export function auditCommand(): Command {
  const verify = new Command('verify').description(
    'prove that nothing in the audit was altered or removed; exit code 1 where something was',
  );
  addSettingFlags(verify, ['httpPort', 'dataDir', 'adminToken', 'tlsCert', 'tlsKey']).action(
    async (options: Record<string, unknown>) => {
      const verdict = await askForVerdict(settingsFrom(options));
      for (const { what, where } of verdict.faults) console.log(`FAIL  ${where}: ${what}`);
      const { chains, records, seals, unsealed } = verdict;
      console.log(
        `${records} records in ${chains} chains, ${seals} signatures, ${unsealed} records not signed for yet`,
      );
      console.log(
        verdict.faults.length === 0
          ? 'Nothing was altered or removed.'
          : 'The audit is not what was written.',
      );
      process.exitCode = verdict.faults.length === 0 ? 0 : 1;
    },
  );
  return new Command('audit').description('the record of who did what').addCommand(verify);
}

async function askForVerdict(settings: Settings): Promise<AuditVerdict> {
  const token = settings.adminToken ?? (await readFile(join(settings.dataDir, 'admin-token'), 'utf8')).trim();
  const scheme = settings.tlsCert === undefined ? 'http' : 'https';
  const { status, text } = await localRequest(
    `${scheme}://127.0.0.1:${settings.httpPort}/api/v1/audit/verify`,
    {
      headers: { authorization: `Bearer ${token}` },
      signal: AbortSignal.timeout(WITHIN_MS),
      certFile: settings.tlsCert,
    },
  );
  if (status !== 200) throw new Error(`control answered ${status}: ${text.slice(0, 300)}`);
  return AuditVerdict.parse(JSON.parse(text));
}
