import { type Static, type TObject, type TSchema, Type } from 'typebox';
import { globFault } from '../../config/glob-fault.ts';
import { longestWaitMs } from '../../config/longest-wait.ts';
import { textFormat } from '../../config/text-format.ts';
import type { Reach } from './pushed/reach.ts';

/**
 * One part of a profile: its schema, and what holds where no profile says anything.
 *
 * A schema describes the result of all layers. Each layer may leave anything out; what is missing in the end is a fault.
 * Keep to objects, records, lists and plain values: unions of objects make faults that nobody understands.
 */
export interface ProfileSection<Schema extends TObject = TObject> {
  readonly schema: Schema;
  readonly defaults: Static<Schema>;
}

export const createSection = <Schema extends TObject>(
  schema: Schema,
  defaults: Static<Schema>,
): ProfileSection<Schema> => ({ schema, defaults });

/** An object without other keys than these. */
export const closed = <Properties extends Record<string, TSchema>>(properties: Properties) =>
  Type.Object(properties, { additionalProperties: false });

/** Class of a source or of one of its channels. */
export const Priority = () => Type.Union([Type.Literal('critical'), Type.Literal('normal'), Type.Literal('bulk')]);

interface Bounds {
  minimum?: number;
  maximum?: number;
}

/** `30s`, `15m`, `1h` in the file; milliseconds in the result. Bounds are milliseconds; timers set the upper one. */
export const Duration = (bounds: Bounds = { minimum: 100 }) =>
  Type.Integer({ maximum: longestWaitMs, ...bounds, quantity: 'duration' });

/** How old something may be: no timer waits for it. */
export const Age = (bounds: Bounds) => Duration({ maximum: 3650 * 86_400_000, ...bounds });

/** `64KiB`, `16MiB` in the file; a number in the result. */
export const Bytes = (bounds: Bounds = { minimum: 0 }) => Type.Integer({ ...bounds, quantity: 'bytes' });

/**
 * What a value makes the agent do on its machine, so that a pushed profile may say it only where the node's own
 * configuration allows that kind (docs/profiles.md). `reachBy` are an item's keys that decide together; what `keepsAway`
 * may be added to freely and not shortened.
 */
interface Reaching {
  reach?: Reach;
  reachBy?: readonly string[];
  keepsAway?: boolean;
}

const glob = textFormat('glob', globFault);

/** A list of globs that layers add to; `!glob` takes one of an earlier layer out again. */
export const GlobSet = (reaching: Reaching = {}) =>
  Type.Array(Type.String({ format: glob }), { merge: 'union', ...reaching });

const oneLine = textFormat('one-line', (text) =>
  /\p{Cc}/u.test(text) ? 'has a control character in it; write one line' : undefined,
);

/** A name that a person gives, or one that the system knows something by. */
export const Name = (maxLength: number, reaching: Reaching = {}) =>
  Type.String({ minLength: 1, maxLength, format: oneLine, ...reaching });

/**
 * A list of things with a `name`. A layer's item of the same name is merged into it, others are appended,
 * `{ name: x, remove: true }` takes one out.
 */
export const NamedList = <Item extends TObject>(item: Item) => Type.Array(item, { merge: 'by-name' });

const argument = textFormat('argument', (text) =>
  text.includes('\0') ? 'has a character that no program can be given (NUL); take it out' : undefined,
);

/** Program and arguments; no shell. A later layer replaces it whole. Windows takes 32,767 characters. */
export const CommandLine = () =>
  Type.Array(Type.String({ format: argument, maxLength: 32_767 }), { minItems: 1, reach: 'programs' });
