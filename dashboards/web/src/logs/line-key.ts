import type { LogRow } from '../../../../collector/api/shapes/logs.ts';

/** A row with a name of its own that stays the same in every answer that holds it. */
export interface Line extends LogRow {
  key: string;
}

/** FNV-1a, 32 bits: tells apart rows of the same nanosecond, nothing more. */
function hash(text: string): string {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  }
  return (value >>> 0).toString(36);
}

/** Names rows: by time, and by what they say. Rows that are alike in everything are numbered. */
export function nameLines(rows: readonly LogRow[]): Line[] {
  const seen = new Map<string, number>();
  return rows.map((row) => {
    const base = `${row.timestamp}~${hash(`${row.attributes['log.record.uid'] ?? ''}\n${row.node}\n${row.body}`)}`;
    const count = (seen.get(base) ?? 0) + 1;
    seen.set(base, count);
    return { ...row, key: count === 1 ? base : `${base}~${count}` };
  });
}

export interface Loaded {
  lines: Line[];
  /** Cursor of what is older than the last line. */
  next: string | null;
}

/** More than a browser should keep; then only the newest page stays. */
const mostKept = 20_000;

/**
 * Puts the newest page on top of what is there. What the page covers is taken from the page, so that records which
 * arrived late stand in their place. When the page does not reach what is there, that is let go: no silent hole.
 * `from` is the beginning of the time that was asked for, as lines write theirs.
 */
export function mergeNewest(page: Loaded, present: Loaded, from: string): Loaded {
  const oldest = page.lines.at(-1);
  const newestPresent = present.lines[0];
  const complete = page.next === null || !oldest;
  if (!newestPresent || (!complete && newestPresent.timestamp < oldest.timestamp)) return page;
  const keys = new Set(page.lines.map((line) => line.key));
  const covered = (line: Line): boolean => (complete ? line.timestamp >= from : line.timestamp > oldest.timestamp);
  const lines = [...page.lines, ...present.lines.filter((line) => !covered(line) && !keys.has(line.key))];
  return lines.length > mostKept && !complete ? page : { lines, next: present.next };
}
