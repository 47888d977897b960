import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** Local addresses of a process's sockets that strangers could send to (proc(5)), `7f000001:1f90` as the kernel writes it. */
export function openAddresses(pid: number): string[] {
  const inodes = new Set<string>();
  for (const fd of readdirSync(`/proc/${pid}/fd`)) {
    const inode = /^socket:\[(\d+)\]$/.exec(readLink(`/proc/${pid}/fd/${fd}`))?.[1];
    if (inode !== undefined) inodes.add(inode);
  }
  return ['tcp', 'tcp6', 'udp', 'udp6'].flatMap((table) =>
    readFileSync(`/proc/${pid}/net/${table}`, 'utf8')
      .split('\n')
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      // Connections of TCP are no way in: 0A is LISTEN, 07 an unconnected UDP socket.
      .filter((fields) => inodes.has(fields[9] ?? '') && ['0A', '07'].includes(fields[3] ?? ''))
      .map((fields) => `${table} ${fields[1]}`),
  );
}

function readLink(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
