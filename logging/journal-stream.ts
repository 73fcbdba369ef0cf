import { fstatSync } from 'node:fs';
import { journalStream } from '../config/environment.ts';

/** Levels of pino as syslog's priorities: error and worse are what `journalctl -p err` shows. */
const priorities: readonly [fromLevel: number, priority: number][] = [
  [60, 2],
  [50, 3],
  [40, 4],
  [30, 6],
];
const debug = 7;

/**
 * True when what is written to this descriptor goes to the systemd journal and nowhere else: systemd tells device and inode
 * of the stream that it made. A child's pipe, or a file that somebody led it to, is another, whose readers take lines as they are.
 */
export function isJournal(descriptor: number): boolean {
  const told = journalStream();
  if (told === undefined) return false;
  try {
    const { dev, ino } = fstatSync(descriptor, { bigint: true });
    return told === `${dev}:${ino}`;
  } catch {
    return false;
  }
}

/** Each line of a text with its priority as the journal reads it off (sd-daemon(3)). */
export function withPriority(text: string, level: number): string {
  const [, priority] = priorities.find(([fromLevel]) => level >= fromLevel) ?? [0, debug];
  // Lines as the journal has them, which ends one at a line feed alone.
  return text.replace(/(^|\n)(?=[^\n])/g, `$1<${priority}>`);
}
