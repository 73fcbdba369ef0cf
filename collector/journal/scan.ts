import { type EntryFault, type JournalEntry, readEntry } from './entry.ts';

/** Bytes of a journal file that are no entry. */
interface DamagedRegion {
  start: number;
  end: number;
  fault: EntryFault;
}

export interface JournalScan {
  entries: JournalEntry[];
  damaged: DamagedRegion[];
  /**
   * Where entries end: zeros that were never written over, or a write that a crash cut short. From here on nothing was ever
   * acknowledged. Equals the length if whole.
   */
  tornAt: number;
}

/**
 * Finds every whole entry of a journal file. Behind damage it searches for the next offset where an entry reads whole
 * (structure, mark and CRC), so that one damaged batch costs one batch.
 */
export function scanJournal(content: Buffer): JournalScan {
  const file = withoutZeros(content);
  const entries: JournalEntry[] = [];
  const damaged: DamagedRegion[] = [];
  let at = 0;
  while (at < file.length) {
    const found = readEntry(file, at);
    if (typeof found !== 'string') {
      entries.push(found);
      at = found.end;
      continue;
    }
    const next = findEntry(file, at + 1);
    if (next === null && isTornTail(file, at, found)) return { entries, damaged, tornAt: at };
    damaged.push({ start: at, end: next ?? file.length, fault: found });
    at = next ?? file.length;
  }
  return { entries, damaged, tornAt: file.length };
}

/** No entry ends with a zero: the last byte is the highest of a time. */
function withoutZeros(content: Buffer): Buffer {
  let end = content.length;
  while (end > 0 && content[end - 1] === 0) end--;
  return content.subarray(0, end);
}

function findEntry(file: Buffer, from: number): number | null {
  // An entry's first field is the request's own field 1 (0x0a), or the mark's node (0xc2 0x3e) behind an empty request.
  for (let at = from; at < file.length - 2; at++) {
    const body = bodyOffset(file, at);
    const first = file[body];
    if (first !== 0x0a && !(first === 0xc2 && file[body + 1] === 0x3e)) continue;
    if (typeof readEntry(file, at) !== 'string') return at;
  }
  return null;
}

function bodyOffset(file: Buffer, at: number): number {
  while (at < file.length && (file[at] ?? 0) >= 128) at++;
  return at + 1;
}

/**
 * A crash leaves the begin of an entry. What ends with a complete mark was written whole, so its length or content was
 * damaged later. (Or a power cut kept the end of a write over zeros and not its middle: that is told as damage too.)
 */
function isTornTail(file: Buffer, at: number, fault: EntryFault): boolean {
  return fault === 'incomplete' && !endsWithMark(file.subarray(at));
}

/** The last field of a mark: received_unix_nano, tag 0xe8 0x3e, nine bytes of varint for any time from 2004 to 2262. */
function endsWithMark(tail: Buffer): boolean {
  const tag = tail.lastIndexOf(Buffer.from([0xe8, 0x3e]));
  if (tag < 0) return false;
  const value = tail.subarray(tag + 2);
  return value.length === 9 && value.subarray(0, 8).every((byte) => byte >= 128) && (value[8] ?? 255) < 128;
}
