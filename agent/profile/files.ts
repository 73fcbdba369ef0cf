import { Type } from 'typebox';
import { encodingNames } from '../sources/files/encoding-names.ts';
import { Bytes, closed, createSection, Duration, NamedList, Priority, TextSet } from './section.ts';

/** A regular expression, tried on the beginning of each line; a bad one can keep the agent busy for long. */
const Pattern = () => Type.String({ minLength: 1, maxLength: 500, format: 'regex', reach: 'files' });

/** How files that match are read; of several that match the first holds. */
const Format = closed({
  name: Type.String({ minLength: 1 }),
  /** Globs. */
  match: TextSet(),
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
  /** Longer lines and records come in parts; never above agent.files.maxLineBytes. */
  maxLineBytes: Type.Optional(Bytes({ minimum: 1024 })),
});

/** Log files that are followed. */
export const files = createSection(
  closed({
    priority: Priority(),
    /** Globs. */
    follow: TextSet({ reach: 'files' }),
    exclude: TextSet({ reach: 'files', keepsAway: true }),
    formats: NamedList(Format),
  }),
  { priority: 'normal', follow: [], exclude: [], formats: [] },
);
