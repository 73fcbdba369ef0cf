import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Log } from '../../logging/log.ts';

export interface Quarantine {
  /** Keeps the bytes and why they are here. Never throws: a full disk costs the copy, not the stream. */
  put(name: string, bytes: Uint8Array, about: Record<string, string | number>): Promise<void>;
}

/** Files kept at most, two per batch; the oldest go first. */
const maxFiles = 128;
const maxTotalBytes = 64 * 1024 * 1024;

/** Keeps what the stream had to pass over, for a person to look at. */
export function createQuarantine(folder: string, log: Log): Quarantine {
  async function prune(incoming: number): Promise<void> {
    const names = await readdir(folder);
    const files = await Promise.all(names.map(async (name) => ({ name, info: await stat(join(folder, name)) })));
    files.sort((a, b) => a.info.mtimeMs - b.info.mtimeMs);
    let total = incoming + files.reduce((sum, file) => sum + file.info.size, 0);
    let left = files.length + 2;
    for (const file of files) {
      if (left <= maxFiles && total <= maxTotalBytes) return;
      await rm(join(folder, file.name), { force: true });
      total -= file.info.size;
      left -= 1;
    }
  }

  return {
    async put(name, bytes, about) {
      try {
        await mkdir(folder, { recursive: true, mode: 0o700 });
        await prune(bytes.length);
        await writeFile(join(folder, `${name}.batch`), bytes, { mode: 0o600 });
        await writeFile(join(folder, `${name}.json`), `${JSON.stringify(about)}\n`, { mode: 0o600 });
      } catch (error) {
        log.warn({ err: error, name }, 'cannot keep a batch in quarantine');
      }
    },
  };
}
