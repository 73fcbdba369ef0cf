import { setTimeout as pause } from 'node:timers/promises';
import type { LogRow } from '../api/shapes/logs.ts';
import type { Queries } from './ask.ts';
import { type ArrivalMark, createArrivals, encodeArrivalMark, oldestArrivalMs } from './log-arrivals.ts';
import { logRow } from './log-row.ts';
import type { Condition } from './sql-file.ts';

const recordsPerLook = 1000;

export interface LogTailRequest {
  filter: Condition;
  /** The record to go on behind; what arrives from now on when absent. */
  behind?: ArrivalMark | undefined;
  lookEveryMs: number;
  heartbeatMs: number;
  /** A reader who falls back by more than this does not get what it could not take. */
  maxBehindMs: number;
  nowMs: () => number;
  signal: AbortSignal;
}

export type TailEvent =
  | { kind: 'record'; id: string; record: LogRow }
  /** So many records were left out, since the reader did not keep up. */
  | { kind: 'dropped'; records: number }
  /** Nothing has come for a while. */
  | { kind: 'heartbeat' };

/**
 * Gives log records as they arrive, each once, until the signal ends it. Holds no more than one look's records, however
 * slow the reader: what it falls back by it loses, and is told how much.
 */
export async function* tailLogs(queries: Queries, request: LogTailRequest): AsyncGenerator<TailEvent> {
  const { filter, signal, nowMs, behind, maxBehindMs } = request;
  const arrivals = createArrivals(queries, { filter, signal, nowMs, behind, limit: recordsPerLook });
  // Who resumes is behind through no slowness of its own.
  const allowedMs = arrivals.behindMs() + maxBehindMs;
  // What is there by now is not for somebody who begins now; what is on its way still is.
  if (!behind) while ((await arrivals.look()).length === recordsPerLook);
  if (arrivals.behindMs() > oldestArrivalMs) yield { kind: 'dropped', records: await arrivals.skip() };
  let quietSinceMs = performance.now();
  while (!signal.aborted) {
    const rows = await arrivals.look();
    for (const row of rows) yield { kind: 'record', id: encodeArrivalMark(row), record: logRow(row) };
    if (rows.length > 0) quietSinceMs = performance.now();
    if (rows.length === recordsPerLook) {
      if (arrivals.behindMs() > allowedMs) {
        const records = await arrivals.skip();
        if (records > 0) yield { kind: 'dropped', records };
      }
      continue;
    }
    if (performance.now() - quietSinceMs >= request.heartbeatMs) {
      yield { kind: 'heartbeat' };
      quietSinceMs = performance.now();
    }
    await pause(request.lookEveryMs, undefined, { signal }).catch(() => undefined);
  }
}
