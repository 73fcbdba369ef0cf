import { type Signal, signals } from '../../protocol/headers.ts';

const pattern = new RegExp(`^(${signals.join('|')})-(\\d{20})\\.(journal|prepared)$`);

/** Files of one signal sort by name in the order in which they were begun. */
export const journalFileName = (signal: Signal, number: bigint): string =>
  `${signal}-${number.toString().padStart(20, '0')}.journal`;

/** What a journal file is called until it is used (next-file.ts). */
export const preparedFileName = (signal: Signal, number: bigint): string =>
  `${signal}-${number.toString().padStart(20, '0')}.prepared`;

/** Null for anything that is not a journal file. */
export function parseJournalFileName(name: string): { signal: Signal; number: bigint } | null {
  return parse(name, 'journal');
}

/** Null for anything that is not a prepared one. After a power cut it may hold entries: then its new name was lost. */
export function parsePreparedFileName(name: string): { signal: Signal; number: bigint } | null {
  return parse(name, 'prepared');
}

function parse(name: string, kind: 'journal' | 'prepared'): { signal: Signal; number: bigint } | null {
  const match = pattern.exec(name);
  if (!match?.[1] || !match[2] || match[3] !== kind) return null;
  return { signal: match[1] as Signal, number: BigInt(match[2]) };
}
