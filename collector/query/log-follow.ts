import { setTimeout as pause } from 'node:timers/promises';
import type { LogRow } from '../api/shapes/logs.ts';
import type { Queries } from './ask.ts';
import { createArrivals } from './log-arrivals.ts';
import type { LogPageRequest } from './log-page.ts';
import { logRow } from './log-row.ts';
import { streamPlacedLogs } from './log-stream.ts';

const recordsPerLook = 5000;

export interface LogFollowRequest extends LogPageRequest {
  lookEveryMs: number;
  nowMs: () => number;
  signal: AbortSignal;
}

/**
 * Gives what is stored, as `streamLogs` does, and then log records as they arrive, each once, until the signal ends it.
 * What arrives comes in that order, so a record whose own time is earlier may come later. Looks for new ones only when
 * the reader has taken the last.
 */
export async function* followLogs(queries: Queries, request: LogFollowRequest): AsyncGenerator<LogRow> {
  const { filter, signal, nowMs } = request;
  const arrivals = createArrivals(queries, { filter, signal, nowMs, limit: recordsPerLook });

  // What is there by now is for the first part to give, or is beyond its limit.
  while ((await arrivals.look()).length === recordsPerLook);
  for await (const row of streamPlacedLogs(queries, request)) {
    arrivals.know(`${row.timestamp.slice(0, 10)} ${row.block} ${row.offset}`);
    yield logRow(row);
  }
  while (!signal.aborted) {
    const rows = await arrivals.look();
    for (const row of rows) yield logRow(row);
    if (rows.length < recordsPerLook) {
      await pause(request.lookEveryMs, undefined, { signal }).catch(() => undefined);
    }
  }
}
