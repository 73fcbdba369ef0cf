import { setTimeout as pause } from 'node:timers/promises';
import type { LogRow } from '../api/shapes.ts';
import { ask, type Queries } from './ask.ts';
import type { LogPageRequest } from './log-page.ts';
import { logRow, type StoredLog } from './log-row.ts';
import { streamPlacedLogs } from './log-stream.ts';
import { sqlFile, withFilter } from './sql-file.ts';

const arrivalsSql = sqlFile('sql/log-arrivals.sql', import.meta.url);

const nanosPerMs = 1_000_000n;
/** Storage takes batches up in turn, so what arrived first may be seen a little later; this far back we look again. */
const lookAgainMs = 5000n;
/** Records older than this by their own time are not what somebody who watches waits for. */
const oldestMs = 3_600_000n;
const recordsPerLook = 5000;

export interface LogFollowRequest extends LogPageRequest {
  lookEveryMs: number;
  nowMs: () => number;
  signal: AbortSignal;
}

type Arrival = StoredLog & { receivedUnixNano: string; place: string };

/**
 * Gives what is stored, as `streamLogs` does, and then log records as they arrive, each once, until the signal ends it.
 * What arrives comes in that order, so a record whose own time is earlier may come later. Looks for new ones only when
 * the reader has taken the last.
 */
export async function* followLogs(queries: Queries, request: LogFollowRequest): AsyncGenerator<LogRow> {
  const { filter, signal, nowMs } = request;
  const startUnixNano = BigInt(nowMs()) * nanosPerMs;
  let newest = startUnixNano;
  /** Place → when it arrived. */
  const seen = new Map<string, bigint>();

  const look = async (): Promise<Arrival[]> => {
    const receivedSince = newest - lookAgainMs * nanosPerMs;
    for (const [place, receivedUnixNano] of seen) if (receivedUnixNano < receivedSince) seen.delete(place);
    const { rows } = await ask<Arrival>(queries, withFilter(arrivalsSql, filter), {
      parameters: {
        ...filter.parameters,
        since: String((BigInt(nowMs()) - oldestMs) * nanosPerMs),
        receivedSince: String(receivedSince),
        seen: [...seen.keys()],
        limit: recordsPerLook,
      },
      signal,
    });
    for (const { place, receivedUnixNano } of rows) {
      seen.set(place, BigInt(receivedUnixNano));
      if (BigInt(receivedUnixNano) > newest) newest = BigInt(receivedUnixNano);
    }
    return rows;
  };

  // What is there by now is for the first part to give, or is beyond its limit.
  while ((await look()).length === recordsPerLook);
  for await (const row of streamPlacedLogs(queries, request)) {
    seen.set(`${row.timestamp.slice(0, 10)} ${row.block} ${row.offset}`, newest);
    yield logRow(row);
  }
  while (!signal.aborted) {
    const rows = await look();
    for (const row of rows) yield logRow(row);
    if (rows.length < recordsPerLook) {
      await pause(request.lookEveryMs, undefined, { signal }).catch(() => undefined);
    }
  }
}
