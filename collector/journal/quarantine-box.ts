import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { SextantError } from '../../errors/sextant-error.ts';
import type { Signal } from '../../protocol/headers.ts';
import { walkRequest } from '../receive/walk.ts';
import type { Outline } from '../store/outline.ts';
import { type JournalEntry, readEntry } from './entry.ts';
import { parseJournalFileName } from './file-name.ts';

/** A batch in quarantine: what is known of it. */
export interface QuarantinedBatch {
  name: string;
  signal: string;
  reason: string;
  quarantinedAt: string;
  bytes: number;
  node: string;
  stream: string;
  sequence: string;
}

/** A batch that reads whole again. */
export interface WholeBatch {
  signal: Signal;
  entry: JournalEntry;
  /** The entry as it lies in a journal file. */
  bytes: Buffer;
  otlp: Buffer;
  records: number;
  outline: Outline;
}

interface QuarantineBox {
  /** Oldest first. */
  list(): QuarantinedBatch[];
  /** What is known of one batch, and the texts in it that a person can read. Throws SX_NOT_FOUND. */
  show(name: string): QuarantinedBatch & { texts: string[] };
  /** Gives a batch to `store` and removes it when that has returned. Throws SX_CONFLICT for one that is not whole. */
  retry(name: string, store: (batch: WholeBatch) => Promise<void>): Promise<void>;
  drop(name: string): QuarantinedBatch;
}

const mostTexts = 200;

/** Looks after the batches that the journal put aside (quarantine.ts). */
export function openQuarantine(journalFolder: string): QuarantineBox {
  const folder = join(journalFolder, 'quarantine');

  function names(): string[] {
    try {
      const files = readdirSync(folder).filter((file) => file.endsWith('.entry'));
      return files.map((file) => file.slice(0, -'.entry'.length)).sort();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw error;
    }
  }
  const bytesOf = (name: string): Buffer => {
    if (!names().includes(name))
      throw new SextantError('SX_NOT_FOUND', `no batch ${name} is in quarantine`, {
        nextStep: 'sextant collector quarantine list shows what is there',
      });
    return readFileSync(join(folder, `${name}.entry`));
  };
  function read(name: string, bytes = bytesOf(name)): QuarantinedBatch {
    const told = toldOf(join(folder, `${name}.json`));
    return {
      name,
      signal: signalOf(name) ?? 'unknown',
      reason: told.reason ?? 'unknown: its reason is missing',
      quarantinedAt: told.quarantinedAt ?? '',
      bytes: bytes.length,
      node: told.mark?.node ?? '',
      stream: told.mark?.stream ?? '',
      sequence: told.mark?.sequence ?? '',
    };
  }
  /** One may be retried or dropped meanwhile. */
  function readIfThere(name: string): QuarantinedBatch[] {
    try {
      return [read(name)];
    } catch (error) {
      if (!names().includes(name)) return [];
      throw error;
    }
  }
  function remove(name: string): void {
    // The reason last: a batch without one would be a riddle, a reason without a batch is nothing.
    for (const ending of ['entry', 'json']) rmSync(join(folder, `${name}.${ending}`), { force: true });
  }

  return {
    list: () => names().flatMap((name) => readIfThere(name)),
    show(name) {
      const bytes = bytesOf(name);
      const texts = bytes.toString('latin1').match(/[\x20-\x7e]{4,}/g) ?? [];
      return { ...read(name, bytes), texts: texts.slice(0, mostTexts) };
    },
    async retry(name, store) {
      const bytes = bytesOf(name);
      await store(wholeBatch(name, bytes));
      remove(name);
    },
    drop(name) {
      const batch = read(name);
      remove(name);
      return batch;
    },
  };
}

function wholeBatch(name: string, bytes: Buffer): WholeBatch {
  const signal = signalOf(name);
  const entry = readEntry(bytes, 0);
  if (signal === null || typeof entry === 'string' || entry.end !== bytes.length) {
    const fault = typeof entry === 'string' ? entry : 'more than one entry';
    throw new SextantError('SX_CONFLICT', `${name} is damaged on disk (${fault}) and can never be stored`, {
      nextStep: 'look at it with `sextant collector quarantine show`, then drop it',
    });
  }
  const otlp = bytes.subarray(entry.otlpStart, entry.otlpEnd);
  return { signal, entry, bytes, otlp, ...walkRequest(signal, otlp) };
}

const signalOf = (name: string): Signal | null =>
  parseJournalFileName(`${name.replace(/-at-\d+$/, '')}.journal`)?.signal ?? null;

interface Told {
  reason?: string;
  quarantinedAt?: string;
  mark?: { node: string; stream: string; sequence: string };
}

function toldOf(path: string): Told {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Told;
  } catch {
    return {};
  }
}
