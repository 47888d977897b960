import { existsSync, readFileSync } from 'node:fs';
import { Settings } from '@vedette/contracts';
import { parse } from 'yaml';

const PREFIX = 'VEDETTE_';

/** Raised with every problem at once, one line each, so that a person corrects them in one go. */
export class SettingsError extends Error {
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(`The settings are not valid:\n${problems.map((line) => `  - ${line}`).join('\n')}`);
    this.name = 'SettingsError';
    this.problems = problems;
  }
}

export interface SettingsInput {
  /** camelCase keys from the command line; undefined ones do not count. */
  readonly flags: Readonly<Record<string, unknown>>;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Path of vedette.yaml; when `required` it must exist. */
  readonly file: { readonly path: string; readonly required: boolean };
  /** Values that stand below all others, such as demo's own. */
  readonly defaults?: Readonly<Record<string, unknown>>;
}

/** Flags over `VEDETTE_*` over `vedette.yaml` over defaults; frozen. Throws SettingsError. */
export function loadSettings(input: SettingsInput): Settings {
  const problems: string[] = [];
  const origin = new Map<string, string>();
  const merged: Record<string, unknown> = {};
  const put = (key: string, value: unknown, from: string) => {
    merged[key] = value;
    origin.set(key, from);
  };
  for (const [key, value] of Object.entries(input.defaults ?? {})) put(key, value, 'default');
  for (const [key, value] of Object.entries(readFile(input.file, problems)))
    put(key, value, `${input.file.path}: ${key}`);
  const known = new Set(Object.keys(Settings.shape));
  for (const [name, value] of Object.entries(input.env)) {
    if (!name.startsWith(PREFIX) || value === undefined) continue;
    const key = name
      .slice(PREFIX.length)
      .toLowerCase()
      .replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
    put(key, value, name);
  }
  for (const [key, value] of Object.entries(input.flags)) {
    if (value !== undefined)
      put(key, value, `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`);
  }
  for (const key of Object.keys(merged)) {
    if (known.has(key)) continue;
    problems.push(`${origin.get(key)}: there is no such setting`);
    delete merged[key];
  }
  const result = Settings.safeParse(merged);
  if (!result.success) {
    for (const issue of result.error.issues) {
      const key = String(issue.path[0] ?? '');
      problems.push(`${origin.get(key) ?? key}: ${issue.message}`);
    }
  }
  if (result.success && (result.data.tlsCert === undefined) !== (result.data.tlsKey === undefined)) {
    problems.push('tlsCert and tlsKey: give both or neither');
  }
  if (problems.length > 0 || !result.success) throw new SettingsError(problems);
  return Object.freeze(result.data);
}

function readFile(file: SettingsInput['file'], problems: string[]): Record<string, unknown> {
  if (!existsSync(file.path)) {
    if (file.required) problems.push(`${file.path}: no such file`);
    return {};
  }
  try {
    const value: unknown = parse(readFileSync(file.path, 'utf8')) ?? {};
    if (typeof value === 'object' && !Array.isArray(value)) return value as Record<string, unknown>;
    problems.push(`${file.path}: must hold "key: value" lines`);
  } catch (cause) {
    problems.push(
      `${file.path}: ${cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : 'not readable'}`,
    );
  }
  return {};
}
