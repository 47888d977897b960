import { prepareLauncher } from '@vedette/runtime';

const launcher = await prepareLauncher();

/** For `spawn(...bound(program, args))`: a program that is gone when this test process is, be it by kill -9 (Linux). */
export function bound(program: string, args: readonly string[]): [program: string, args: readonly string[]] {
  if (launcher.watchedBy !== 'kernel') return [program, args];
  const [first = program, ...prefix] = launcher.prefix;
  return [first, [...prefix, program, ...args]];
}
