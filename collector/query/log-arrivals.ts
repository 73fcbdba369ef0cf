import { Buffer } from 'node:buffer';
import { SextantError } from '../../errors/sextant-error.ts';
import { ask, type Queries } from './ask.ts';
import type { StoredLog } from './log-row.ts';
import { type Condition, sqlFile, withFilter } from './sql-file.ts';

const arrivalsSql = sqlFile('sql/log-arrivals.sql', import.meta.url);
const arrivalCountSql = sqlFile('sql/log-arrival-count.sql', import.meta.url);

const nanosPerMs = 1_000_000n;
/** Storage takes batches up in turn, so what arrived first may be seen a little later; this far back we look again. */
const lookAgainMs = 5000n;
/** Records older than this by their own time are not what somebody who watches waits for. */
export const oldestArrivalMs = 3_600_000;
/** Places are sent with each question, so a flood shortens the time that is looked at again. */
const mostPlaces = 20_000;

/** A record with when it arrived, and a place that no other record has. */
export type Arrival = StoredLog & { receivedUnixNano: string; place: string };

export interface Arrivals {
  /** Records that have arrived since the last look, in that order, at most `limit`. */
  look(): Promise<Arrival[]>;
  /** These have been given in another way. */
  know(place: string): void;
  /** Leaves out what has arrived and not been looked at; says how many records that is. */
  skip(): Promise<number>;
  /** How long ago the newest record arrived that was looked at. */
  behindMs(): number;
}

export interface ArrivalsRequest {
  filter: Condition;
  limit: number;
  nowMs: () => number;
  signal: AbortSignal;
  /** The arrival to go on behind; now when absent. */
  behind?: ArrivalMark | undefined;
}

/** Looks at log records as they arrive, each once. */
export function createArrivals(queries: Queries, request: ArrivalsRequest): Arrivals {
  const { filter, limit, nowMs, signal } = request;
  const nowUnixNano = (): bigint => BigInt(nowMs()) * nanosPerMs;
  let newest = request.behind ? BigInt(request.behind.receivedUnixNano) : nowUnixNano();
  let lookAgainFrom = 0n;
  /** Place → when it arrived. */
  const seen = new Map<string, bigint>();
  let resumeBehind = request.behind;

  /** Own time of the oldest records that are looked at, for arrivals from a time on. */
  const oldestFor = (receivedUnixNano: bigint): string => {
    const oldest = receivedUnixNano - BigInt(oldestArrivalMs) * nanosPerMs;
    return String(oldest < 0n ? 0n : oldest);
  };

  async function look(): Promise<Arrival[]> {
    const again = newest - lookAgainMs * nanosPerMs;
    const receivedSince = again > lookAgainFrom ? again : lookAgainFrom;
    for (const [place, receivedUnixNano] of seen) if (receivedUnixNano < receivedSince) seen.delete(place);
    const { rows } = await ask<Arrival>(queries, withFilter(arrivalsSql, filter), {
      parameters: {
        ...filter.parameters,
        since: oldestFor(nowUnixNano()),
        receivedSince: String(receivedSince),
        seen: [...seen.keys()],
        limit,
      },
      signal,
    });
    for (const { place, receivedUnixNano } of rows) {
      seen.set(place, BigInt(receivedUnixNano));
      if (BigInt(receivedUnixNano) > newest) newest = BigInt(receivedUnixNano);
    }
    for (const [place, receivedUnixNano] of seen) {
      if (seen.size <= mostPlaces) break;
      seen.delete(place);
      lookAgainFrom = receivedUnixNano;
    }
    if (!resumeBehind) return rows;
    // Of what is looked at again, all up to the mark was given before. Without the record itself its time decides.
    const mark = resumeBehind;
    const at = rows.findIndex((row) => row.place === mark.place);
    const fresh =
      at >= 0 ? rows.slice(at + 1) : rows.filter((row) => BigInt(row.receivedUnixNano) > BigInt(mark.receivedUnixNano));
    if (fresh.length > 0 || rows.length < limit) resumeBehind = undefined;
    return fresh;
  }

  return {
    look,
    know: (place) => seen.set(place, newest),
    async skip() {
      const until = nowUnixNano();
      const { rows } = await ask<{ records: number | string }>(queries, withFilter(arrivalCountSql, filter), {
        parameters: {
          ...filter.parameters,
          since: oldestFor(newest),
          receivedSince: String(newest),
          seen: [...seen.keys()],
          receivedUntil: String(until),
        },
        signal,
      });
      newest = until;
      lookAgainFrom = until;
      seen.clear();
      return Number(rows[0]?.records ?? 0);
    },
    behindMs: () => Math.max(0, nowMs() - Number(newest / nanosPerMs)),
  };
}

/** Where a reader of arrivals stands. */
export type ArrivalMark = Pick<Arrival, 'receivedUnixNano' | 'place'>;

export const encodeArrivalMark = ({ receivedUnixNano, place }: ArrivalMark): string =>
  Buffer.from(`${receivedUnixNano} ${place}`).toString('base64url');

/** Throws SX_BAD_REQUEST for a text that `encodeArrivalMark` did not make. */
export function decodeArrivalMark(text: string): ArrivalMark {
  const match = /^(\d{1,18}|[1-8]\d{18}) (\d{4}-\d\d-\d\d \d{1,18} \d{1,18})$/.exec(
    Buffer.from(text, 'base64url').toString('latin1'),
  );
  const [, receivedUnixNano, place] = match ?? [];
  if (!receivedUnixNano || !place) {
    throw new SextantError('SX_BAD_REQUEST', 'Last-Event-ID: is not one that this collector gave');
  }
  return { receivedUnixNano, place };
}
