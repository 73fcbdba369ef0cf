import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { syncName } from '../../durable/atomic-write.ts';
import type { DriveIdentity } from '../drives/drive.ts';

/** One line of the journal: what happened, in the order in which it happened. */
export type JournalEntry = { at: string } & (
  | { event: 'planned'; exportId: string; bundle: string; who: string; approvedBy: string[] }
  | { event: 'medium'; medium: number; folder: string; identity: DriveIdentity }
  | { event: 'written' | 'checked' | 'refused'; medium: number; part: string }
  | { event: 'lost' | 'back'; medium: number; reason: string }
  | { event: 'interrupted'; reason: string }
  | { event: 'medium-done'; medium: number }
  | { event: 'ejected'; medium: number; detail: string }
  | { event: 'finished' }
);

/** `Omit` over each member of the union. */
type Untimed<T> = T extends unknown ? Omit<T, 'at'> : never;

/** The journal of one export, on the disk of the source: what is on which medium, for good. */
export interface ExportJournal {
  readonly path: string;
  readonly exportId: string;
  readonly entries: readonly JournalEntry[];
  /** Returns when the line is on disk. */
  record(entry: Untimed<JournalEntry>): void;
  /** Parts that finished media of this export carry, with the medium's number. */
  carried(): Map<string, number>;
  /** The media of this export so far: numbers of the finished ones, folders of the others with theirs. */
  media(): { finished: Set<number>; unfinished: Map<string, number>; highest: number };
  close(): void;
}

const nameOf = (bundle: string, exportId: string): string => `${bundle}.export-${exportId}.ndjson`;

/** Opens a journal beside the bundle, with what it says already. A line that a crash cut off is left out. */
export function openJournal(
  bundlePath: string,
  exportId: string,
  { nowMs, onStep }: { nowMs: () => number; onStep?: (entry: JournalEntry) => void },
): ExportJournal {
  const path = join(dirname(bundlePath), nameOf(basename(bundlePath), exportId));
  const fd = openSync(path, 'a+', 0o600);
  const { entries, cut } = readEntries(path);
  // So that the next line does not continue the one that was cut.
  if (cut) writeSync(fd, '\n');
  syncName(path);
  return {
    path,
    exportId,
    entries,
    record(entry) {
      const timed = { at: new Date(nowMs()).toISOString(), ...entry } as JournalEntry;
      writeSync(fd, `${JSON.stringify(timed)}\n`);
      fsyncSync(fd);
      entries.push(timed);
      onStep?.(timed);
    },
    carried() {
      const { finished } = mediaOf(entries);
      const parts = new Map<string, number>();
      for (const entry of entries) {
        if (entry.event === 'checked' && finished.has(entry.medium)) parts.set(entry.part, entry.medium);
      }
      return parts;
    },
    media: () => mediaOf(entries),
    close: () => closeSync(fd),
  };
}

function mediaOf(entries: readonly JournalEntry[]): ReturnType<ExportJournal['media']> {
  const finished = new Set(entries.flatMap((entry) => (entry.event === 'medium-done' ? [entry.medium] : [])));
  const unfinished = new Map<string, number>();
  let highest = 0;
  for (const entry of entries) {
    if (entry.event !== 'medium') continue;
    highest = Math.max(highest, entry.medium);
    if (finished.has(entry.medium)) unfinished.delete(entry.folder);
    else unfinished.set(entry.folder, entry.medium);
  }
  return { finished, unfinished, highest };
}

/** The newest export of this bundle that did not finish; undefined when there is none. */
export async function unfinishedExport(bundlePath: string): Promise<string | undefined> {
  const prefix = `${basename(bundlePath)}.export-`;
  let newest: { exportId: string; at: string } | undefined;
  for (const name of await readdir(dirname(bundlePath))) {
    const exportId = name.startsWith(prefix) && /^([a-z0-9]{12})\.ndjson$/.exec(name.slice(prefix.length))?.[1];
    if (!exportId) continue;
    const { entries } = readEntries(join(dirname(bundlePath), name));
    const at = entries[0]?.at;
    if (at === undefined || entries.some((entry) => entry.event === 'finished')) continue;
    if (newest === undefined || at > newest.at) newest = { exportId, at };
  }
  return newest?.exportId;
}

/** Whether an export of this bundle has begun, has not finished, and has got on since then. */
export async function exportUnderWay(bundlePath: string, sinceUnixMs: number): Promise<boolean> {
  const exportId = await unfinishedExport(bundlePath);
  if (exportId === undefined) return false;
  const { entries } = readEntries(join(dirname(bundlePath), nameOf(basename(bundlePath), exportId)));
  return Date.parse(entries.at(-1)?.at ?? '') >= sinceUnixMs;
}

function readEntries(path: string): { entries: JournalEntry[]; cut: boolean } {
  const lines = readFileSync(path, 'utf8').split('\n');
  const last = lines.pop() ?? '';
  const entries: JournalEntry[] = [];
  for (const line of lines) {
    try {
      const entry = JSON.parse(line) as JournalEntry;
      if (typeof entry.event === 'string' && typeof entry.at === 'string') entries.push(entry);
    } catch {
      // The line that a crash cut.
    }
  }
  return { entries, cut: last !== '' };
}
