import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** Each with the parts in front of it that hold its rules; a part knows those before it. */
const PARTS = {
  join: [],
  'open-view': ['common', 'streams', 'views', 'revocations', 'ending', 'room'],
  'close-view': ['common', 'streams', 'views', 'revocations', 'ending'],
  'apply-report': ['common', 'streams', 'views', 'revocations', 'ending'],
  'ensure-stream': ['common', 'streams', 'views', 'room'],
  'move-stream': ['common', 'streams', 'views', 'revocations', 'ending', 'room'],
  'configure-camera': ['common', 'streams', 'views', 'revocations', 'ending'],
  sweep: ['common', 'streams', 'revocations'],
  'find-view': ['common'],
  'find-views': ['common', 'views'],
  'find-streams': ['common', 'streams'],
  'node-state': ['common', 'streams'],
  'known-nodes': ['common'],
  'count-views': ['common', 'views'],
  'count-streams': ['common'],
  'hold-lease': ['common'],
  'release-lease': ['common'],
  announce: ['common'],
  withdraw: ['common'],
} as const satisfies Record<string, readonly string[]>;

export type ScriptName = keyof typeof PARTS;

export interface LuaScript {
  readonly name: ScriptName;
  readonly source: string;
  /** By which Redis knows it once it was loaded. */
  readonly sha1: string;
}

function isScriptName(name: string): name is ScriptName {
  return name in PARTS;
}

/** All scripts, put together from the files in `lua/`. */
export function readLuaScripts(): ReadonlyMap<ScriptName, LuaScript> {
  const read = (name: string) => readFileSync(new URL(`lua/${name}.lua`, import.meta.url), 'utf8');
  const scripts = new Map<ScriptName, LuaScript>();
  for (const [name, parts] of Object.entries(PARTS)) {
    if (!isScriptName(name)) continue;
    const source = [...parts, name].map(read).join('\n');
    scripts.set(name, { name, source, sha1: createHash('sha1').update(source).digest('hex') });
  }
  return scripts;
}
