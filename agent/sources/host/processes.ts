import type { ProcessSample } from './top-processes.ts';

/** State letter of /proc/PID/stat → process.state. The command's name may hold anything, so the last `)` counts. */
export function processState(stat: string): 'running' | 'sleeping' | 'stopped' | 'defunct' | undefined {
  switch (stat[stat.lastIndexOf(')') + 2]) {
    case 'R':
      return 'running';
    case 'S':
    case 'D':
    case 'I':
    case 'P':
      return 'sleeping';
    case 'T':
    case 't':
      return 'stopped';
    case 'Z':
    case 'X':
      return 'defunct';
    default:
      return undefined;
  }
}

/** Linux counts processor time in USER_HZ, which has been 100 on every architecture that Node runs on. */
const ticksPerSecond = 100;
const pageBytes = 4096;

/** Reads /proc/PID/stat (proc(5)); undefined when it does not look like one. Kernel threads have no memory. */
export function parseProcessStat(pid: number, stat: string): ProcessSample | undefined {
  const open = stat.indexOf('(');
  const close = stat.lastIndexOf(')');
  if (open < 0 || close < open) return undefined;
  // The third field, the state, is the first of these.
  const fields = stat
    .slice(close + 2)
    .split(' ')
    .map(Number);
  const field = (number: number) => fields[number - 3] ?? 0;
  return {
    pid,
    name: stat.slice(open + 1, close),
    startedAt: field(22),
    userSeconds: field(14) / ticksPerSecond,
    systemSeconds: field(15) / ticksPerSecond,
    residentBytes: field(24) * pageBytes,
    virtualBytes: field(23),
    threads: field(20),
  };
}

/** What a process has read from and written to disks, of /proc/PID/io; empty when that may not be read. */
export function parseProcessIo(text: string): { readBytes?: number; writtenBytes?: number } {
  const read = /^read_bytes: (\d+)$/m.exec(text)?.[1];
  const written = /^write_bytes: (\d+)$/m.exec(text)?.[1];
  return { ...(read && { readBytes: Number(read) }), ...(written && { writtenBytes: Number(written) }) };
}
