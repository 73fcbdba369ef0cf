import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** One file of the ring: a spool segment whose batches the collector has, as it was (`whole`) or thinned. */
export interface RingFile {
  path: string;
  /** `2026-11-28`, the day in UTC on which the segment was begun. */
  day: string;
  /** Order of age: `<milliseconds, 15 digits>-<stream>-<first sequence, 16 digits>`. */
  key: string;
  stream: string;
  thin: boolean;
  bytes: number;
}

const dayPattern = /^\d{4}-\d{2}-\d{2}$/;
const namePattern = /^(\d{15}-([a-z0-9-]{1,32})-\d{16})\.(whole|thin)$/;

/** Where a segment lies in the ring. */
export function ringPath(
  folder: string,
  segment: { createdUnixMs: number; stream: string; firstSequence: number },
  thin: boolean,
): { path: string; day: string; key: string } {
  const createdMs = Math.max(0, Math.round(segment.createdUnixMs));
  const day = new Date(createdMs).toISOString().slice(0, 10);
  const key = `${String(createdMs).padStart(15, '0')}-${segment.stream}-${String(segment.firstSequence).padStart(16, '0')}`;
  return { path: join(folder, day, `${key}.${thin ? 'thin' : 'whole'}`), day, key };
}

/**
 * The ring's files, oldest first; none when there is no ring. A segment that is there whole and thinned, since a process
 * died between the two, comes once, whole.
 */
export async function listRing(folder: string): Promise<RingFile[]> {
  const found = new Map<string, RingFile>();
  for (const day of await readdir(folder).catch(() => [])) {
    if (!dayPattern.test(day)) continue;
    for (const name of (await readdir(join(folder, day)).catch(() => [])).sort()) {
      const [, key, stream, kind] = namePattern.exec(name) ?? [];
      if (key === undefined || stream === undefined) continue;
      const path = join(folder, day, name);
      const bytes = await stat(path).then(
        ({ size }) => size,
        () => undefined,
      );
      if (bytes !== undefined) found.set(key, { path, day, key, stream, thin: kind === 'thin', bytes });
    }
  }
  return [...found.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
}
