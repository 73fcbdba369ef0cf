import { once } from 'node:events';

/** Writes to standard output and waits while its reader is slower than we are. */
export async function print(text: string): Promise<void> {
  if (text !== '' && !process.stdout.write(text)) await once(process.stdout, 'drain');
}

/** Says on standard error that there may be more than was asked for: what is left out is never left out silently. */
export function noteLimit(printed: number, limit: number): void {
  if (printed >= limit) process.stderr.write(`These are the newest ${limit}; --limit takes more.\n`);
}

/** Says on standard error that nothing fits, so that an empty answer does not look like one that got lost. */
export function noteNothing(printed: number, what: string): void {
  if (printed === 0) process.stderr.write(`${what} in this range.\n`);
}
