import { readdirSync } from 'node:fs';
import { readFile, rename, truncate, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { writeFileAtomic } from '../../durable/atomic-write.ts';
import type { Log } from '../../logging/log.ts';
import type { Signal } from '../../protocol/headers.ts';
import { walkRequest } from '../receive/walk.ts';
import { emptyOutline, joinOutlines, unknownOutline } from '../store/outline.ts';
import type { JournalEntry } from './entry.ts';
import { journalFileName, parseJournalFileName, parsePreparedFileName } from './file-name.ts';
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
    await settlePrepared(path, name);
  }
  for (const name of readdirSync(folder).sort()) {
    const path = join(folder, name);
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
    const known = contentOf(parsed.signal, content, entries);
    files.push({ ...parsed, ...known, name, path, bytes, positions, again: true });
  }
  files.sort((a, b) => (a.number < b.number ? -1 : 1));
  return { files, quarantined };
}

/** A prepared file that holds anything was in use, and a power cut took its new name. */
async function settlePrepared(path: string, name: string): Promise<void> {
  const prepared = parsePreparedFileName(name);
  if (!prepared) return;
  const content = await readFile(path);
  if (content.every((byte) => byte === 0)) await unlink(path);
  else await rename(path, join(dirname(path), journalFileName(prepared.signal, prepared.number)));
}

/** Without an outline the engine would have to be ready for anything: ten times as much work for a small file. */
export function contentOf(
  signal: Signal,
  content: Buffer,
  entries: JournalEntry[],
): Pick<ClosedJournalFile, 'outline' | 'records'> {
  try {
    const walked = entries.map(({ otlpStart, otlpEnd }) => walkRequest(signal, content.subarray(otlpStart, otlpEnd)));
    return {
      outline: walked.map(({ outline }) => outline).reduce(joinOutlines, emptyOutline),
      records: walked.reduce((sum, { records }) => sum + records, 0),
    };
  } catch {
    return { outline: unknownOutline, records: undefined };
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
