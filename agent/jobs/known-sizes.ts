import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { readTextFile } from '../../config/text-file.ts';
import { writeFileAtomic } from '../../durable/atomic-write.ts';

/** What a command had printed when it last ran for a bundle. */
export interface KnownSize {
  /** Tells command lines apart without keeping them. */
  commandHash: string;
  state: 'ok' | 'partial' | 'absent' | 'denied' | 'failed';
  bytes: number;
  packedShare: number;
  atUnixMs: number;
}

/** Sizes of this node's commands, kept between bundles. Losing the file costs exactness only. */
export interface KnownSizes {
  /** Undefined for a command that has not run, or whose command line is another one now. */
  get(source: string, command: readonly string[]): KnownSize | undefined;
  put(source: string, command: readonly string[], size: Omit<KnownSize, 'commandHash'>): void;
  /** Writes down what was put; what cannot be written is forgotten at the end of this process. */
  save(): void;
}

/** No profile has as many commands. */
const maxSizes = 2000;
const maxFileBytes = 8 * 1024 * 1024;

export function openKnownSizes(dataDir: string): KnownSizes {
  const path = join(dataDir, 'agent', 'command-sizes.json');
  const sizes = read(path);
  let changed = false;
  return {
    get: (source, command) => {
      const known = sizes.get(source);
      return known && known.commandHash === hashOf(command) ? known : undefined;
    },
    put: (source, command, size) => {
      // The oldest goes: items that a profile does not have any more.
      sizes.delete(source);
      sizes.set(source, { ...size, commandHash: hashOf(command) });
      for (const key of sizes.keys()) if (sizes.size > maxSizes) sizes.delete(key);
      changed = true;
    },
    save: () => {
      if (!changed) return;
      try {
        writeFileAtomic(path, `${JSON.stringify(Object.fromEntries(sizes))}\n`);
        changed = false;
      } catch {
        // A full disk: the next bundle tries again.
      }
    },
  };
}

const hashOf = (command: readonly string[]): string =>
  createHash('sha256').update(JSON.stringify(command)).digest('hex').slice(0, 16);

function read(path: string): Map<string, KnownSize> {
  try {
    const content: unknown = JSON.parse(readTextFile(path, maxFileBytes));
    const entries = Object.entries(content as Record<string, KnownSize>);
    return new Map(entries.filter(([, size]) => typeof size?.commandHash === 'string' && Number.isFinite(size.bytes)));
  } catch {
    return new Map();
  }
}
