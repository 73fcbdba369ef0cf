import { type Signal, signals } from '../../protocol/headers.ts';

const pattern = new RegExp(`^(${signals.join('|')})-(\\d{20})\\.journal$`);

/** Files of one signal sort by name in the order in which they were begun. */
export const journalFileName = (signal: Signal, number: bigint): string =>
  `${signal}-${number.toString().padStart(20, '0')}.journal`;

/** Null for anything that is not a journal file. */
export function parseJournalFileName(name: string): { signal: Signal; number: bigint } | null {
  const match = pattern.exec(name);
  if (!match?.[1] || !match[2]) return null;
  return { signal: match[1] as Signal, number: BigInt(match[2]) };
}
