import type { CoverageSource } from '../../bundle/coverage.ts';
import { safeSegment } from '../../bundle/entry-path.ts';
import type { Masker, MaskTally } from '../../bundle/masker.ts';
import type { VolumeWriter } from '../../bundle/volume-writer.ts';
import { streamLogs } from '../query/log-stream.ts';
import { sqlFile } from '../query/sql-file.ts';
import type { Store } from '../store/store.ts';
import { createLogMasker } from './log-masker.ts';
import { ndjson } from './ndjson-chunks.ts';

const groupsSql = sqlFile('sql/log-groups.sql', import.meta.url);
const hourMs = 3_600_000;

export interface TelemetryRequest {
  store: Pick<Store, 'query'>;
  writer: VolumeWriter;
  masker: Masker;
  nodes: string[];
  fromUnixMs: number;
  untilUnixMs: number;
  signal: AbortSignal;
  onProgress(source: CoverageSource): void;
}

interface LogGroup {
  node: string;
  scope: string;
  hourUnixMs: string | number;
  records: string | number;
  firstUnixMs: string | number;
  lastUnixMs: string | number;
}

const iso = (unixMs: number): string => new Date(unixMs).toISOString();

/** Writes the stored logs of the window as `logs/<node>/<scope>/<hour>.ndjson`; memory for one page of records. */
export async function writeLogs(request: TelemetryRequest): Promise<CoverageSource[]> {
  const { store, writer, masker, signal } = request;
  const window = { fromMs: request.fromUnixMs, untilMs: request.untilUnixMs };
  const groups = await store.query<LogGroup>(groupsSql, { parameters: { ...window, nodes: request.nodes }, signal });
  const byNode = Map.groupBy(groups.rows, (group) => group.node);
  const sources: CoverageSource[] = [];

  for (const node of request.nodes) {
    const masked: MaskTally = {};
    const own = byNode.get(node) ?? [];
    const source: CoverageSource = {
      node,
      source: 'telemetry/logs',
      state: own.length > 0 ? 'ok' : 'absent',
      bytes: 0,
      first: own.length > 0 ? iso(Math.min(...own.map((group) => Number(group.firstUnixMs)))) : null,
      last: own.length > 0 ? iso(Math.max(...own.map((group) => Number(group.lastUnixMs)))) : null,
      reason: own.length > 0 ? null : 'nothing was logged in the window',
      masked,
    };
    for (const ofScope of Map.groupBy(own, (group) => group.scope).values()) {
      // One masker for a scope's hours: a private key may cross from one into the next.
      const mask = createLogMasker(masker, masked);
      for (const group of ofScope) {
        signal.throwIfAborted();
        const hour = Number(group.hourUnixMs);
        const rows = streamLogs(store, {
          range: {
            sinceUnixNano: BigInt(Math.max(hour, request.fromUnixMs)) * 1_000_000n,
            untilUnixNano: BigInt(Math.min(hour + hourMs, request.untilUnixMs)) * 1_000_000n,
          },
          filter: {
            sql: 'Node = {bundleNode:String} AND ScopeName = {bundleScope:String}',
            parameters: { bundleNode: node, bundleScope: group.scope },
          },
          order: 'asc',
          limit: Math.max(1, Number(group.records)),
          signal,
        });
        const stamp = iso(hour).slice(0, 13).replace(/-/g, '');
        const written = await writer.add(
          {
            path: `logs/${safeSegment(node)}/${safeSegment(group.scope || 'unnamed')}/${stamp}.ndjson`,
            modifiedMs: Number(group.lastUnixMs),
          },
          ndjson(rows, mask),
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
