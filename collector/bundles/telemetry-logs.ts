import type { SourceMaxBytes } from '../../bundle/caps.ts';
import type { CoverageGap, CoverageSource } from '../../bundle/coverage.ts';
import { safeSegment } from '../../bundle/entry-path.ts';
import { ndjson } from '../../bundle/ndjson-chunks.ts';
import type { RedactionTally } from '../../bundle/redaction/profile.ts';
import { createKeyFollower } from '../../bundle/redaction/record-keys.ts';
import type { Redactor } from '../../bundle/redaction/redactor.ts';
import type { VolumeWriter } from '../../bundle/volume-writer.ts';
import type { LogRow } from '../api/shapes/logs.ts';
import { streamLogs } from '../query/log-stream.ts';
import { sqlFile } from '../query/sql-file.ts';
import type { Store } from '../store/store.ts';
import { createLosses } from './losses.ts';
import { sequenceGaps } from './sequence-gaps.ts';
import { logSilence, noteGaps, silences } from './silences.ts';
import { type Limited, noteLeftOut, withinLimit } from './telemetry-limit.ts';
import { lookAtLogs } from './telemetry-look.ts';
import { timeSlices } from './time-slices.ts';

const minutesSql = sqlFile('sql/log-minutes.sql', import.meta.url);
const hourMs = 3_600_000;
/** A page is found anew in its whole range, so a range should not have many of them. */
const recordsPerSlice = 20_000;
const piecesPerLook = 4;

export interface TelemetryRequest {
  store: Pick<Store, 'query'>;
  writer: VolumeWriter;
  redactor: Redactor;
  nodes: string[];
  fromUnixMs: number;
  untilUnixMs: number;
  signal: AbortSignal;
  /** The most that one channel's logs, or one node's metrics, may bring. */
  limits: SourceMaxBytes;
  onProgress(source: CoverageSource): void;
}

export interface LogMinute {
  node: string;
  scope: string;
  minuteUnixMs: string | number;
  records: string | number;
  firstUnixMs: string | number;
  lastUnixMs: string | number;
}

/** A record that stands for those that were left out: whatever reads the file reads it as one of them. */
const cutRecord = (node: string, { mark, untilMs, records }: NonNullable<Limited<unknown>['leftOut']>): LogRow => ({
  timestamp: iso(untilMs),
  node,
  severity: 'warn',
  body: `[sextant: cut here: ${mark}]`,
  attributes: { 'sextant.cut.records': String(records) },
});

const iso = (unixMs: number): string => new Date(unixMs).toISOString();

/** How many records of which node and scope there are in each minute of the window. */
export async function readLogMinutes(
  request: Pick<TelemetryRequest, 'store' | 'fromUnixMs' | 'untilUnixMs' | 'signal'> & { nodes: readonly string[] },
): Promise<LogMinute[]> {
  const { fromUnixMs: fromMs, untilUnixMs: untilMs, nodes, signal } = request;
  const { rows } = await request.store.query<LogMinute>(minutesSql, { parameters: { fromMs, untilMs, nodes }, signal });
  return rows;
}

/** Writes the stored logs of the window as `logs/<node>/<scope>/<hour>.ndjson`; memory for one page of records. */
export async function writeLogs(request: TelemetryRequest): Promise<CoverageSource[]> {
  const { store, writer, redactor, signal } = request;
  const window = { fromMs: request.fromUnixMs, untilMs: request.untilUnixMs };
  const byNode = Map.groupBy(await readLogMinutes(request), (minute) => minute.node);
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
    const losses = createLosses();
    const gaps: CoverageGap[] = [];
    if (own.length > 0) {
      await sequenceGaps(node, request).then(
        (found) => gaps.push(...found),
        (error) => {
          signal.throwIfAborted();
          source.reason = `whether numbered batches are missing is not known: ${(error as Error).message.slice(0, 200)}`;
        },
      );
    }
    for (const [scope, ofScope] of Map.groupBy(own, (minute) => minute.scope)) {
      const active = ofScope.map((minute) => ({
        firstMs: Number(minute.firstUnixMs),
        lastMs: Number(minute.lastUnixMs),
      }));
      gaps.push(...silences(active, request, logSilence, `${scope || 'unnamed'} was`));
      const counted = ofScope.map((minute) => ({
        ...{ minuteMs: Number(minute.minuteUnixMs), count: Number(minute.records) },
        lastMs: Number(minute.lastUnixMs),
      }));
      const limited = await withinLimit(counted, request.limits.logs, 'records', () =>
        lookAtLogs(request, ofScope, piecesPerLook),
      );
      noteLeftOut(source, limited);
      // One for a scope's hours: a private key may cross from one into the next.
      const withoutKeys = createKeyFollower(redactor.profile, masked);
      const hours = [...Map.groupBy(limited.kept, ({ minuteMs }) => Math.floor(minuteMs / hourMs) * hourMs)];
      for (const [at, [hour, minutes]] of hours.entries()) {
        signal.throwIfAborted();
        async function* rows(): AsyncGenerator<LogRow> {
          if (at === 0 && limited.leftOut) yield cutRecord(node, limited.leftOut);
          for (const slice of timeSlices(minutes, recordsPerSlice, window)) {
            const slices = streamLogs(store, {
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
            for await (const row of slices) yield losses.seen(row);
          }
        }
        const stamp = iso(hour).slice(0, 13).replace(/-/g, '');
        const written = await writer.add(
          {
            path: `logs/${safeSegment(redactor.node(node))}/${safeSegment(scope || 'unnamed')}/${stamp}.ndjson`,
            modifiedMs: minutes.at(-1)?.lastMs ?? hour,
          },
          redactor.stream(ndjson(rows(), withoutKeys), masked),
        );
        source.bytes += written.bytes;
        request.onProgress({ ...source });
      }
    }
    noteGaps(source, [...losses.gaps(), ...gaps]);
    sources.push(source);
    request.onProgress({ ...source });
  }
  return sources;
}
