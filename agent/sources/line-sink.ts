import type { Severity } from './files/severity.ts';

/** What the lines of one file have in common. One object as long as nothing of it changes: what it costs is kept. */
export interface LineOrigin {
  readonly attributes: Readonly<Record<string, string>>;
  /** A line's `log.record.uid` is this, a hyphen, and its place in base 36. */
  readonly uid: string;
}

/** One line on its way into a batch. The object and its bytes are the caller's again when `write` has returned. */
export interface Line {
  /** Holds the text as UTF-8 in `[start, end)`. */
  bytes: Buffer;
  start: number;
  end: number;
  origin: LineOrigin;
  /** Byte offset in the file. */
  place: number;
  /** Unix time of the line. */
  seconds: number;
  nanos: number;
  observedUnixMs: number;
  severity: Severity | undefined;
  /** `sextant.log.split`: which part of a record that was too long; undefined for a whole one. */
  part: 'start' | 'middle' | 'end' | undefined;
}

/**
 * Takes lines as bytes. A `Logger` would need a string, an object and a map of attributes for each, which costs more
 * than all that is done with a line here.
 */
export interface LineSink {
  /** Synchronous as `Logger.emit`; the line becomes the same record that the SDK would make of it. */
  write(line: Line): void;
}
