import { Type } from 'typebox';
import { textFormat } from '../../config/text-format.ts';
import { encodingNames } from '../sources/files/encoding-names.ts';
import { patternFault } from '../sources/files/pattern/pattern.ts';
import { Bytes, closed, createSection, Duration, GlobSet, Name, NamedList, Priority } from './section.ts';

/** A regular expression, tried on the beginning of each line. */
const Pattern = () =>
  Type.String({ minLength: 1, maxLength: 500, format: textFormat('line-pattern', patternFault), reach: 'files' });

/** How files that match are read; of several that match the first holds. */
const Format = closed({
  name: Name(100),
  /** Globs. */
  match: GlobSet(),
  /** A byte order mark in the file is believed before this. */
  encoding: Type.Optional(Type.Enum([...encodingNames])),
  /** Several lines make one record. One of the two patterns is enough. */
  multiline: Type.Optional(
    closed({
      /** Begins a record. */
      start: Type.Optional(Pattern()),
      /** Goes on with one. */
      continue: Type.Optional(Pattern()),
      /** More lines than this become further records, marked as parts. */
      maxLines: Type.Optional(Type.Integer({ minimum: 2, maximum: 10_000 })),
      /** A record to which nothing was added for this long is complete. */
      flushAfter: Type.Optional(Duration({ minimum: 100, maximum: 600_000 })),
    }),
  ),
  /**
   * Written by a container runtime: `cri` lines are `TIME STREAM TAG TEXT`, and long ones are cut. Takes the place of
   * `multiline`.
   */
  container: Type.Optional(Type.Enum(['cri'])),
  /** Longer lines and records come in parts; never above agent.files.maxLineBytes. */
  maxLineBytes: Type.Optional(Bytes({ minimum: 1024 })),
});

/** Log files that are followed. */
export const files = createSection(
  closed({
    priority: Priority(),
    /** Globs. */
    follow: GlobSet({ reach: 'files' }),
    exclude: GlobSet({ reach: 'files', keepsAway: true }),
    formats: NamedList(Format),
  }),
  { priority: 'normal', follow: [], exclude: [], formats: [] },
);
