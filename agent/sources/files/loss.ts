import type { FilePosition } from './position.ts';

/** Content of a followed file that nobody can read any more. */
export interface Loss {
  /** Bytes that had been seen in the file and were never read; undefined when it is not known how many. */
  readonly bytes: number | undefined;
  /** It went while nobody looked: there may have been more than was ever seen, or nothing more. */
  readonly unwatched: boolean;
}

/** What is lost of content that went while the agent was away, as far as its last durable position knows. */
export const lossInAbsence = ({ offset, seen = offset }: FilePosition): Loss => ({
  bytes: Math.max(0, seen - offset),
  unwatched: true,
});

/** What is lost of content that went while it was followed. */
export const lossInPresence = (bytes: number): Loss => ({ bytes, unwatched: false });

/** True when something is gone for certain. */
export const isCertain = ({ bytes }: Loss): boolean => bytes !== 0;

/** True when there is nothing to tell. */
export const isNothing = ({ bytes, unwatched }: Loss): boolean => bytes === 0 && !unwatched;

/** One sentence for the record that tells of it. */
export function lossText(path: string, { bytes, unwatched }: Loss): string {
  const gone = 'were truncated or deleted before they had been read.';
  if (bytes === undefined) return `An unknown number of bytes of ${path} ${gone}`;
  if (bytes > 0) return `${unwatched ? 'At least ' : ''}${bytes} bytes of ${path} ${gone}`;
  return `${path} was truncated or deleted while it was not followed. All that had been seen of it was read; whether more was written to it is not known.`;
}
