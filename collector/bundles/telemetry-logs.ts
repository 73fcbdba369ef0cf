import type { CoverageSource } from '../../bundle/coverage.ts';
import { safeSegment } from '../../bundle/entry-path.ts';
import { ndjson } from '../../bundle/ndjson-chunks.ts';
import type { RedactionTally } from '../../bundle/redaction/profile.ts';
import { createKeyFollower } from '../../bundle/redaction/record-keys.ts';
import type { Redactor } from '../../bundle/redaction/redactor.ts';
import type { VolumeWriter } from '../../bundle/volume-writer.ts';
import type { LogRow } from '../api/shapes.ts';
import { streamLogs } from '../query/log-stream.ts';
import { sqlFile } from '../query/sql-file.ts';
import type { Store } from '../store/store.ts';
import { timeSlices } from './time-slices.ts';

const minutesSql = sqlFile('sql/log-minutes.sql', import.meta.url);
const hourMs = 3_600_000;
/** A page is found anew in its whole range, so a range should not have many of them. */
const recordsPerSlice = 20_000;

export interface TelemetryRequest {
  store: Pick<Store, 'query'>;
  writer: VolumeWriter;
  redactor: Redactor;
  nodes: string[];
  fromUnixMs: number;
  untilUnixMs: number;
  signal: AbortSignal;
  onProgress(source: CoverageSource): void;
}

interface LogMinute {
  node: string;
  scope: string;
  minuteUnixMs: string | number;
  records: string | number;
  firstUnixMs: string | number;
  lastUnixMs: string | number;
}

const iso = (unixMs: number): string => new Date(unixMs).toISOString();

/** Writes the stored logs of the window as `logs/<node>/<scope>/<hour>.ndjson`; memory for one page of records. */
export async function writeLogs(request: TelemetryRequest): Promise<CoverageSource[]> {
  const { store, writer, redactor, signal } = request;
  const window = { fromMs: request.fromUnixMs, untilMs: request.untilUnixMs };
  const minutes = await store.query<LogMinute>(minutesSql, { parameters: { ...window, nodes: request.nodes }, signal });
  const byNode = Map.groupBy(minutes.rows, (minute) => minute.node);
  const sources: CoverageSource[] = [];

  for (const node of request.nodes) {
    const masked: RedactionTally = {};
    const own = byNode.get(node) ?? [];
    const source: CoverageSource = {
      node,
      source: 'telemetry/logs',
      state: own.length > 0 ? 'ok' : 'absent',
      bytes: 0,
      first: own.length > 0 ? iso(Math.min(...own.map((minute) => Number(minute.firstUnixMs)))) : null,
      last: own.length > 0 ? iso(Math.max(...own.map((minute) => Number(minute.lastUnixMs)))) : null,
      reason: own.length > 0 ? null : 'nothing was logged in the window',
      masked,
    };
    for (const [scope, ofScope] of Map.groupBy(own, (minute) => minute.scope)) {
      // One for a scope's hours: a private key may cross from one into the next.
      const withoutKeys = createKeyFollower(redactor.profile, masked);
      const hours = Map.groupBy(ofScope, (minute) => Math.floor(Number(minute.minuteUnixMs) / hourMs) * hourMs);
      for (const [hour, ofHour] of hours) {
        signal.throwIfAborted();
        const counts = ofHour.map((minute) => ({
          minuteMs: Number(minute.minuteUnixMs),
          count: Number(minute.records),
        }));
        async function* rows(): AsyncGenerator<LogRow> {
          for (const slice of timeSlices(counts, recordsPerSlice, window)) {
            yield* streamLogs(store, {
              range: {
                sinceUnixNano: BigInt(slice.fromMs) * 1_000_000n,
                untilUnixNano: BigInt(slice.untilMs) * 1_000_000n,
              },
              filter: {
                sql: 'Node = {bundleNode:String} AND ScopeName = {bundleScope:String}',
                parameters: { bundleNode: node, bundleScope: scope },
              },
              order: 'asc',
              limit: slice.count,
              signal,
            });
          }
        }
        const stamp = iso(hour).slice(0, 13).replace(/-/g, '');
        const written = await writer.add(
          {
            path: `logs/${safeSegment(redactor.node(node))}/${safeSegment(scope || 'unnamed')}/${stamp}.ndjson`,
            modifiedMs: Number(ofHour.at(-1)?.lastUnixMs ?? hour),
          },
          redactor.stream(ndjson(rows(), withoutKeys), masked),
        );
        source.bytes += written.bytes;
        request.onProgress({ ...source });
      }
    }
    sources.push(source);
    request.onProgress({ ...source });
  }
  return sources;
}
