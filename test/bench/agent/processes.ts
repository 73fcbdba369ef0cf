import { readdirSync, readFileSync } from 'node:fs';

/** Finds the child of `parent` whose command line has these words in it. */
export function findChild(parent: number, words: string): number | undefined {
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      const parentPid = Number(stat.slice(stat.lastIndexOf(')') + 4).split(' ')[0]);
      const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ');
      if (parentPid === parent && command.includes(words)) return Number(name);
    } catch {
      // Ended meanwhile.
    }
  }
  return undefined;
}

/** Seconds of processor time that a process and its ended children have used. */
export function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return [11, 12, 13, 14].reduce((sum, index) => sum + Number(fields[index]), 0) / 100;
}

/** Seconds that a process's first thread has stood in the scheduler's queue: ready to run, and others ran. */
export const queuedSeconds = (pid: number): number =>
  Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[1]) / 1e9;

/** Unix milliseconds at which a process was started, to 10 ms. */
export function startedUnixMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const ticks = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]);
  const uptimeMs = Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]) * 1000;
  return Date.now() - uptimeMs + ticks * 10;
}

/** Resident and proportional size of a process, and what of it lies in no file. */
export function memoryBytes(pid: number): { resident: number; proportional: number; anonymous: number } {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  const of = (name: string) => Number(new RegExp(`^${name}: +(\\d+) kB`, 'm').exec(rollup)?.[1] ?? 0) * 1024;
  return { resident: of('Rss'), proportional: of('Pss'), anonymous: of('Anonymous') };
}
