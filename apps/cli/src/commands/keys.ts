import { setTimeout as wait } from 'node:timers/promises';
import { KeyRotation } from '@vedette/contracts';
import { Command } from 'commander';
import { askControl, CONTROL_ADDRESS_FLAGS } from '../ask-control.ts';
import { addSettingFlags, settingsFrom } from '../setting-flags.ts';

const WITHIN_MS = 30_000;
const LOOK_MS = 500;

/** `vedette keys`: what seals the passwords of cameras. */
export function keysCommand(): Command {
  const show = new Command('show').description('which keys seal what is secret');
  addSettingFlags(show, CONTROL_ADDRESS_FLAGS).action(async (options: Record<string, unknown>) => {
    print(await ask(options, 'GET', '/keys'));
  });
  const rotate = new Command('rotate').description(
    'seal everything by new keys, and wrap those by the present master key; nothing stands still meanwhile',
  );
  addSettingFlags(rotate, CONTROL_ADDRESS_FLAGS).action(async (options: Record<string, unknown>) => {
    let state = await ask(options, 'POST', '/keys/rotate');
    let told = -1;
    while (state.isRunning) {
      const left = state.tenants.reduce((sum, tenant) => sum + tenant.left, 0);
      if (left !== told) console.log(`${left} secrets left to seal anew`);
      told = left;
      await wait(LOOK_MS);
      state = await ask(options, 'GET', '/keys');
    }
    print(state);
    const isDone = state.failure === null && state.tenants.every(({ left }) => left === 0);
    process.exitCode = isDone ? 0 : 1;
  });
  return new Command('keys')
    .description('the keys that seal what is secret')
    .addCommand(show)
    .addCommand(rotate);
}

async function ask(
  options: Record<string, unknown>,
  method: 'GET' | 'POST',
  path: string,
): Promise<KeyRotation> {
  const text = await askControl(settingsFrom(options), path, { withinMs: WITHIN_MS, method });
  return KeyRotation.parse(JSON.parse(text));
}

function print({ failure, tenants }: KeyRotation): void {
  for (const { left, oldVersions, tenantId, version } of tenants) {
    const rest =
      left === 0
        ? 'seals everything'
        : `${left} secrets are still sealed by ${oldVersions} older ${oldVersions === 1 ? 'key' : 'keys'}`;
    console.log(`${tenantId}  key ${version}  ${rest}`);
  }
  if (failure !== null) console.log(failure);
}
