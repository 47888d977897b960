import { Command } from 'commander';
import { EXAMINATIONS } from '../doctor/examinations.ts';
import { ALL_FLAGS, addSettingFlags, settingsFrom } from '../setting-flags.ts';

const MARK = { ok: 'ok  ', warning: 'warn', problem: 'FAIL' } as const;

/** `vedette doctor`: what is missing or misconfigured, each with its remedy; exit code 1 when something must be done. */
export function doctorCommand(): Command {
  const command = new Command('doctor').description(
    'what is missing or misconfigured on this machine, and the remedy',
  );
  return addSettingFlags(command, [...ALL_FLAGS, 'simPort']).action(
    async (options: Record<string, unknown>) => {
      const settings = settingsFrom(options);
      let problems = 0;
      for (const examine of EXAMINATIONS) {
        for (const finding of await examine(settings)) {
          console.log(`${MARK[finding.level]}  ${finding.what}`);
          if (finding.remedy !== undefined) console.log(`      ${finding.remedy}`);
          if (finding.level === 'problem') problems += 1;
        }
      }
      console.log(problems === 0 ? '\nNothing stands in the way.' : `\n${problems} to be mended.`);
      process.exitCode = problems === 0 ? 0 : 1;
    },
  );
}
