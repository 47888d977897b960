import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { CameraImportAnswer, ImportFormat } from '@vedette/contracts';
import { Command } from 'commander';
import { askControl, CONTROL_ADDRESS_FLAGS } from '../ask-control.ts';
import { addSettingFlags, settingsFrom } from '../setting-flags.ts';

const WITHIN_MS = 120_000;

/** `vedette cameras`: many cameras at once, from and to files, on the machine that control runs on. */
export function camerasCommand(): Command {
  const bring = new Command('import')
    .description('add or change the cameras of a CSV, JSON or YAML file; repeating it makes none twice')
    .argument('<file>')
    .option('--dry-run', 'tell what would become of each, and change nothing');
  addSettingFlags(bring, CONTROL_ADDRESS_FLAGS).action(
    async (file: string, options: Record<string, unknown>) => {
      const format = formatOf(extname(file).slice(1));
      const body = { format, text: await readFile(file, 'utf8'), dryRun: options['dryRun'] === true };
      const text = await askControl(settingsFrom(options), '/cameras/import', { body, withinMs: WITHIN_MS });
      const { dryRun, rows } = CameraImportAnswer.parse(JSON.parse(text));
      for (const { action, name, problems, row } of rows) {
        const why = problems.map(({ field, message }) => `${field} ${message}`).join('; ');
        console.log(
          `${String(row).padStart(5)}  ${action.padEnd(6)}  ${name ?? ''}${why === '' ? '' : `: ${why}`}`,
        );
      }
      const count = (wanted: string) => rows.filter(({ action }) => action === wanted).length;
      console.log(
        `${dryRun ? 'Would be: ' : ''}${count('create')} added, ${count('update')} changed, ${count('same')} as they were, ${count('error')} wrong`,
      );
      process.exitCode = count('error') === 0 ? 0 : 1;
    },
  );
  const hand = new Command('export')
    .description('all cameras as an import takes them, without passwords')
    .option('--format <format>', 'csv, json or yaml', 'yaml');
  addSettingFlags(hand, CONTROL_ADDRESS_FLAGS).action(async (options: Record<string, unknown>) => {
    const format = formatOf(String(options['format']));
    const path = `/cameras/export?format=${format}`;
    process.stdout.write(await askControl(settingsFrom(options), path, { withinMs: WITHIN_MS }));
  });
  return new Command('cameras').description('many cameras at once').addCommand(bring).addCommand(hand);
}

function formatOf(text: string): ImportFormat {
  const format = ImportFormat.safeParse(text === 'yml' ? 'yaml' : text.toLowerCase());
  if (!format.success) throw new Error(`"${text}" is none of ${ImportFormat.options.join(', ')}`);
  return format.data;
}
