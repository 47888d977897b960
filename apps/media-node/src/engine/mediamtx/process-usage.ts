import { readFileSync } from 'node:fs';

/** Linux counts in hundredths of a second for every program (USER_HZ). */
const TICKS_A_SECOND = 100;
const PAGE_BYTES = 4096;

/** What a process has used of the processor and uses of memory (proc(5)); undefined where that is not told. */
export function processUsage(
  pid: number,
): { readonly cpuSeconds: number; readonly memoryBytes: number } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in parentheses may hold anything.
    const fields = text
      .slice(text.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    const [user = 0, system = 0, pages = 0] = [fields[11], fields[12], fields[21]];
    return { cpuSeconds: (user + system) / TICKS_A_SECOND, memoryBytes: pages * PAGE_BYTES };
  } catch {
    return undefined;
  }
}
