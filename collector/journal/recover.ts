import { readdirSync } from 'node:fs';
import { readFile, truncate, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomic } from '../../durable/atomic-write.ts';
import type { Log } from '../../logging/log.ts';
import type { Signal } from '../../protocol/headers.ts';
import { walkRequest } from '../receive/walk.ts';
import { emptyOutline, joinOutlines, type Outline, unknownOutline } from '../store/outline.ts';
import type { JournalEntry } from './entry.ts';
import { parseJournalFileName } from './file-name.ts';
import type { ClosedJournalFile } from './journal-file.ts';
import type { Quarantine } from './quarantine.ts';
import { scanJournal } from './scan.ts';
import { positionKey, type StreamPosition } from './sequences.ts';

export interface Recovered {
  /** In the order in which they were written; every entry of them is whole. */
  files: ClosedJournalFile[];
  quarantined: number;
}

/**
 * Reads what an earlier process left: cuts torn tails, moves damaged entries to quarantine, and tells which sequences
 * the files hold. Safe to be killed in, at any place.
 */
export async function recoverJournal(
  folder: string,
  { log, quarantine }: { log: Log; quarantine: Quarantine },
): Promise<Recovered> {
  const files: ClosedJournalFile[] = [];
  let quarantined = 0;
  for (const name of readdirSync(folder).sort()) {
    const path = join(folder, name);
    if (name.endsWith('.partial')) await unlink(path);
    const parsed = parseJournalFileName(name);
    if (!parsed) continue;

    const content = await readFile(path);
    const { entries, damaged, tornAt } = scanJournal(content);
    for (const { start, end, fault } of damaged) {
      quarantine.put(content.subarray(start, end), { journal: name, start, end, reason: `damaged on disk: ${fault}` });
      quarantined++;
    }
    if (entries.length === 0) {
      await unlink(path);
      continue;
    }
    const whole = entries.map(({ start, end }) => content.subarray(start, end));
    const bytes = whole.reduce((sum, entry) => sum + entry.length, 0);
    if (damaged.length > 0) writeFileAtomic(path, Buffer.concat(whole));
    else if (tornAt < content.length) {
      log.info({ file: name, cut: content.length - tornAt }, 'cut the torn tail of a journal file');
      await truncate(path, tornAt);
    }
    const positions = highest(entries.map(({ mark }) => mark));
    const outline = entries.map((entry) => outlineOf(parsed.signal, content, entry)).reduce(joinOutlines, emptyOutline);
    files.push({ ...parsed, name, path, bytes, positions, outline, again: true });
  }
  files.sort((a, b) => (a.number < b.number ? -1 : 1));
  return { files, quarantined };
}

/** Without it the engine would have to be ready for anything, which costs it ten times as much for a small file. */
function outlineOf(signal: Signal, content: Buffer, { otlpStart, otlpEnd }: JournalEntry): Outline {
  try {
    return walkRequest(signal, content.subarray(otlpStart, otlpEnd)).outline;
  } catch {
    return unknownOutline;
  }
}

function highest(marks: StreamPosition[]): StreamPosition[] {
  const found = new Map<string, StreamPosition>();
  for (const { node, epoch, stream, sequence } of marks) {
    if (sequence === 0n) continue;
    const key = positionKey({ node, epoch, stream });
    if (sequence > (found.get(key)?.sequence ?? 0n)) found.set(key, { node, epoch, stream, sequence });
  }
  return [...found.values()];
}
