import { readFileSync } from 'node:fs';
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { bundleBytes } from '../../bundle/bundle-bytes.ts';
import { isBundleName } from '../../bundle/bundle-name.ts';
import { writeFileAtomic } from '../../durable/atomic-write.ts';

/** What a node remembers of the bundles that it writes by itself. */
export interface CollectMemory {
  /** When the collector was last heard of. */
  heardUnixMs: number;
  /** The silence, named by its beginning, for which there is a bundle, or for which it was given up. */
  doneForUnixMs: number;
  /** Tries for the silence that began at `heardUnixMs`: one that ends the process must not be tried for ever. */
  tries: number;
  /** When the last scheduled one was begun. */
  scheduledUnixMs: number;
}

const fileOf = (folder: string): string => join(folder, 'memory.json');

/** What was remembered; at the first start nobody has been silent yet. A time in the future, by a clock that was set, counts as now. */
export function readMemory(folder: string, nowMs: number): CollectMemory {
  const memory: CollectMemory = { heardUnixMs: nowMs, doneForUnixMs: 0, tries: 0, scheduledUnixMs: nowMs };
  try {
    const saved: Record<string, unknown> = JSON.parse(readFileSync(fileOf(folder), 'utf8'));
    for (const name of Object.keys(memory) as (keyof CollectMemory)[]) {
      const value = saved[name];
      if (typeof value === 'number' && value >= 0 && value <= nowMs) memory[name] = value;
    }
  } catch {
    // The first start.
  }
  return memory;
}

/** Durable when it returns. */
export const writeMemory = (folder: string, memory: CollectMemory): void =>
  writeFileAtomic(fileOf(folder), `${JSON.stringify(memory)}\n`);

/** Removes the oldest bundles in `folder` until so many and so many bytes are left; the newest stays. Returns their names. */
export async function pruneBundles(
  folder: string,
  { keep, maxBytes }: { keep: number; maxBytes: number },
): Promise<string[]> {
  const bundles: { name: string; bytes: number; modifiedMs: number }[] = [];
  for (const name of await readdir(folder).catch(() => [])) {
    if (!isBundleName(name)) continue;
    const { mtimeMs } = await stat(join(folder, name));
    bundles.push({ name, bytes: await bundleBytes(join(folder, name)), modifiedMs: mtimeMs });
  }
  bundles.sort((a, b) => b.modifiedMs - a.modifiedMs);
  const removed: string[] = [];
  let bytes = 0;
  for (const [at, bundle] of bundles.entries()) {
    bytes += bundle.bytes;
    if (at === 0 || (at < keep && bytes <= maxBytes)) continue;
    await rm(join(folder, bundle.name), { recursive: true, force: true });
    removed.push(bundle.name);
  }
  return removed;
}
