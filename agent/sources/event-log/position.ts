import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';

/** How far a channel has been read. It is marked in the turn in which the events before it are emitted. */
export const ChannelPosition = Type.Object({
  /** Windows' own, behind the last event; empty before the first. */
  bookmark: Type.String(),
  /** Number of the last record; absent before the first. */
  record: Type.Optional(Type.Integer({ minimum: 0 })),
  /** When the log's file was made. With `resets` it tells one numbering of records from the next. */
  created: Type.String({ pattern: '^\\d+$' }),
  /** How often the numbering has begun again in the same file. */
  resets: Type.Integer({ minimum: 0 }),
  /** Time of the last record. */
  lastEventUnixMs: Type.Optional(Type.Integer()),
  /** Older events, which were there before the agent, are passed over. */
  sinceUnixMs: Type.Integer({ minimum: 0 }),
});
export type ChannelPosition = Static<typeof ChannelPosition>;

export const positionKey = (channel: string): string => `eventlog:${channel.toLowerCase()}`;

/** Reads a marked position; undefined when it is none. */
export function parsePosition(text: string | undefined): ChannelPosition | undefined {
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return Value.Check(ChannelPosition, value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Part of `log.record.uid` that tells records of one number from each other after a log was cleared. */
export const generationOf = ({ created, resets }: ChannelPosition): string =>
  `${BigInt(created).toString(36)}${resets === 0 ? '' : `.${resets}`}`;
