import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { writeFileAtomic } from '../../durable/atomic-write.ts';
import type { Log } from '../../logging/log.ts';
import { isAway } from '../store/server/away.ts';
import type { Store } from '../store/store.ts';
import { encodeEntry, type JournalEntry } from './entry.ts';
import type { ClosedJournalFile } from './journal-file.ts';
import type { Quarantine } from './quarantine.ts';
import { contentOf } from './recover.ts';
import { scanJournal } from './scan.ts';

export interface Isolated {
  quarantined: number;
  /** Entries that stay in the file. */
  left: number;
}

/**
 * Finds out whether a file's data is why storage refuses it: lets the engine read it without storing, halves it until
 * the batches at fault stand alone, moves those to quarantine and leaves the rest in the file.
 * An engine that cannot even read an empty batch has troubles of its own; then nothing is moved. Nor when its server
 * goes away in the middle: SX_STORAGE_AWAY says nothing of the data, and is thrown.
 */
export async function isolateRefused(
  file: ClosedJournalFile,
  { store, quarantine, log }: { store: Store; quarantine: Quarantine; log: Log },
): Promise<Isolated> {
  const content = readFileSync(file.path);
  const { entries } = scanJournal(content);
  const trial = `${file.path}.partial`;

  const refusal = async (bytes: Buffer): Promise<string | null> => {
    writeFileSync(trial, bytes, { mode: 0o600 });
    try {
      await store.checkJournalFile({ ...file, path: trial });
      return null;
    } catch (error) {
      if (isAway(error)) throw error;
      return (error as Error).message;
    }
  };
  const bytesOf = (some: JournalEntry[]): Buffer =>
    Buffer.concat(some.map(({ start, end }) => content.subarray(start, end)));
  const refused = new Map<JournalEntry, string>();
  const search = async (some: JournalEntry[]): Promise<void> => {
    const reason = await refusal(bytesOf(some));
    if (reason === null) return;
    const [only] = some;
    if (some.length === 1 && only) {
      refused.set(only, reason);
      return;
    }
    const half = some.length >> 1;
    await search(some.slice(0, half));
    await search(some.slice(half));
  };

  try {
    const canary = await refusal(Buffer.concat(encodeEntry(Buffer.alloc(0), emptyMark)));
    if (canary !== null) {
      log.warn({ file: file.name, reason: canary }, 'the engine reads nothing at the moment');
      return { quarantined: 0, left: entries.length };
    }
    await search(entries);
  } finally {
    rmSync(trial, { force: true });
  }

  for (const [{ start, end, mark }, reason] of refused) {
    const { node, stream, epoch, sequence } = mark;
    quarantine.put(content.subarray(start, end), {
      journal: file.name,
      start,
      end,
      reason: `the engine refused it: ${reason.slice(0, 500)}`,
      mark: { node, stream, epoch, sequence: sequence.toString() },
    });
  }
  const left = entries.filter((entry) => !refused.has(entry));
  if (refused.size > 0 && left.length > 0) {
    writeFileAtomic(file.path, bytesOf(left));
    file.records = contentOf(file.signal, content, left).records;
  }
  return { quarantined: refused.size, left: left.length };
}

const emptyMark = { node: '', stream: '', epoch: '', sequence: 0n, receivedUnixNano: 0n };
