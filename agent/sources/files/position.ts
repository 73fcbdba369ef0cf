import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import { criStreams } from './cri-line.ts';

/** How far a file has been read. It is marked in the turn in which the lines before `offset` are emitted. */
export const FilePosition = Type.Object({
  /** Filesystem: its UUID where it has one, else its device number. */
  dev: Type.String(),
  ino: Type.String(),
  /** Counts how often the content under this inode was replaced (truncation, or a new file in its place). */
  generation: Type.Integer({ minimum: 0 }),
  /** Prefix of `log.record.uid` for this generation; empty until the first line is complete. */
  id: Type.String(),
  /** Hash over the first `headBytes` bytes; they grow with the file until 1 KiB is full. */
  fingerprint: Type.String(),
  headBytes: Type.Integer({ minimum: 0, maximum: 1024 }),
  /** Bytes of the file that are done; the start of a line, or a place inside one when `split`. */
  offset: Type.Integer({ minimum: 0 }),
  split: Type.Optional(Type.Literal(true)),
  /** Size of the file when this was marked, where not all of it had been read. */
  seen: Type.Optional(Type.Integer({ minimum: 0 })),
  /** The record of several lines before `offset` goes on behind it. */
  continues: Type.Optional(Type.Literal(true)),
  /** Streams of a container whose record before `offset` goes on behind it. */
  streams: Type.Optional(Type.Array(Type.Enum([...criStreams]), { maxItems: criStreams.length })),
  /** It was rotated and read to its end: that it goes is no loss. */
  finished: Type.Optional(Type.Literal(true)),
  /** Name under which the file was first seen; a rotated file keeps it. */
  path: Type.String(),
  /** A copy of a file that is followed itself: not to be read. */
  copy: Type.Optional(Type.Literal(true)),
});
export type FilePosition = Static<typeof FilePosition>;

export const positionKey = (dev: string, ino: string): string => `file:${dev}:${ino}`;

/**
 * Key of content that no followed file holds any more, while it is read from elsewhere. Its inode may belong to another
 * file by then, even to the compressed one that it is read from.
 */
export const restKey = ({ dev, ino, generation, fingerprint }: FilePosition): string =>
  `${positionKey(dev, ino)}:${generation}:${fingerprint}`;

/** Reads a marked position; undefined when it is not one (an older version's, say). */
export function parsePosition(text: string | undefined): FilePosition | undefined {
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return Value.Check(FilePosition, value) ? value : undefined;
  } catch {
    return undefined;
  }
}
