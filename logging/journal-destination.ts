import { pino } from 'pino';
import { withPriority } from './journal-stream.ts';

/** Where a log's lines go that stand in the journal. */
export function journalDestination(descriptor: number): { write(line: string): void } {
  const stream = pino.destination({ dest: descriptor, sync: true });
  const destination = {
    // With it pino tells the level of a line before it writes it.
    [Symbol.for('pino.metadata')]: true,
    lastLevel: 0,
    write: (line: string): void => void stream.write(withPriority(line, destination.lastLevel)),
  };
  return destination;
}
