import type { SourceMaxBytes } from '../../bundle/caps.ts';
import type { CoverageGap, CoverageSource } from '../../bundle/coverage.ts';
import { safeSegment } from '../../bundle/entry-path.ts';
import type { RedactionTally } from '../../bundle/redaction/profile.ts';
import { createKeyFollower } from '../../bundle/redaction/record-keys.ts';
import type { Redactor } from '../../bundle/redaction/redactor.ts';
import type { VolumeWriter } from '../../bundle/volume-writer.ts';
import type { BundleRecords } from '../api/shapes/bundles.ts';
import type { Store } from '../store/store.ts';
import { limitScope } from './channel-limits.ts';
import { type LogMinute, limitsLogs, readChannelMinutes, readLogMinutes } from './log-channels.ts';
import { createLosses } from './losses.ts';
import type { Window } from './node-window.ts';
import { copiesSource } from './parquet/copies-source.ts';
import type { ParquetCopies } from './parquet/parquet-copies.ts';
import type { CopyOutcome } from './parquet/parquet-copy.ts';
import { writeScopeFiles } from './scope-files.ts';
import { sequenceGaps } from './sequence-gaps.ts';
import { type Active, logSilence, noteGaps, silences } from './silences.ts';
import { noteLeftOut } from './telemetry-limit.ts';
import { lookAtLogs } from './telemetry-look.ts';

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
  /** `running`: of a source that is not written to its end yet. Of logs and metrics it counts what is written. */
  onProgress(source: CoverageSource, running?: 'running', records?: BundleRecords): void;
  /** When the node was first enrolled; undefined when it was known before the window, and for what is no node. */
  enrolledMs(node: string): number | undefined;
  /** Where what is written is to be there as Parquet too. */
  parquet?: ParquetCopies | undefined;
}

const iso = (unixMs: number): string => new Date(unixMs).toISOString();

/** The part of the window in which the node could be heard. */
export const knownWindow = (node: string, { fromUnixMs, untilUnixMs, enrolledMs }: TelemetryRequest): Window => ({
  fromUnixMs: Math.max(fromUnixMs, enrolledMs(node) ?? fromUnixMs),
  untilUnixMs,
});

/** Writes the stored logs of the window, a folder a node and scope; memory for one page of records and what waits for its file. */
export async function writeLogs(request: TelemetryRequest): Promise<CoverageSource[]> {
  const { writer, redactor, signal } = request;
  const read = limitsLogs(request.limits) ? readChannelMinutes : readLogMinutes;
  const byNode = Map.groupBy<string, LogMinute>(await read(request), (minute) => minute.node);
  const sources: CoverageSource[] = [];

  for (const node of request.nodes) {
    const masked: RedactionTally = {};
    const known = knownWindow(node, request);
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
    const records: BundleRecords = { count: 0, of: 'records' };
    const copied: (CopyOutcome & { what: string })[] = [];
    const gaps: CoverageGap[] = [];
    if (own.length > 0) {
      request.onProgress({ ...source }, 'running');
      await sequenceGaps(node, request).then(
        (found) => gaps.push(...found),
        (error) => {
          signal.throwIfAborted();
          source.reason = `whether numbered batches are missing is not known: ${(error as Error).message.slice(0, 200)}`;
        },
      );
    }
    for (const [scope, ofScope] of Map.groupBy(own, (minute) => minute.scope)) {
      gaps.push(...silences(activeMinutes(ofScope), known, logSilence, `${scope || 'unnamed'} was`));
      const limited = await limitScope(ofScope, request.limits.logs, (own) => lookAtLogs(request, own, piecesPerLook));
      for (const { limited: ofChannel } of limited.leftOut) noteLeftOut(source, ofChannel);
      // One for a scope's hours: a private key may cross from one into the next.
      const withoutKeys = createKeyFollower(redactor.profile, masked);
      const called = safeSegment(scope || 'unnamed');
      const path = `logs/${safeSegment(redactor.node(node))}/${called}`;
      const newestMs = limited.minutes.at(-1)?.lastMs ?? request.untilUnixMs;
      const copy = request.parquet?.begin({ kind: 'logs', path, scope: called, modifiedMs: newestMs });
      await writeScopeFiles(request, {
        ...{ node, scope, path, limited, masked, copy, withoutKeys },
        onRow: (row) => {
          records.count += 1;
          return losses.seen(row);
        },
        onBytes: (more) => {
          source.bytes += more;
          request.onProgress({ ...source }, 'running', { ...records });
        },
      });
      if (copy) copied.push({ what: called, ...(await copy.finish(writer)) });
    }
    noteGaps(source, [...losses.gaps(), ...gaps]);
    sources.push(source);
    request.onProgress({ ...source }, undefined, own.length > 0 ? records : undefined);
    if (copied.length === 0) continue;
    const copies = copiesSource('logs', source, copied);
    sources.push(copies);
    request.onProgress(copies);
  }
  return sources;
}

/** When a scope spoke, by the minute, whatever its channels. */
function activeMinutes(ofScope: readonly LogMinute[]): Active[] {
  const minutes = Map.groupBy(ofScope, ({ minuteUnixMs }) => Number(minuteUnixMs));
  return [...minutes.keys()]
    .sort((a, b) => a - b)
    .map((minuteMs) => ({
      firstMs: Math.min(...(minutes.get(minuteMs) ?? []).map(({ firstUnixMs }) => Number(firstUnixMs))),
      lastMs: Math.max(...(minutes.get(minuteMs) ?? []).map(({ lastUnixMs }) => Number(lastUnixMs))),
    }));
}
