import { filedChannel } from '../../../bundle/log-channel.ts';
import { entryOverheadBytes } from '../../../bundle/packed-share.ts';
import { type LogMinute, readChannelMinutes, readLogMinutes } from '../log-channels.ts';
import { type Look, type LookRequest, lookAtLogs, lookAtMetrics } from '../telemetry-look.ts';
import { readMetricMinutes } from '../telemetry-metrics.ts';

export interface TelemetryEstimateRequest extends LookRequest {
  nodes: readonly string[];
  /** Pieces that are read in all, however many nodes there are: each is a query or two. */
  maxPieces: number;
}

/** A part of what is stored of one node: a scope of its logs or a channel in it, or its metrics. */
export interface TelemetryEstimate {
  node: string;
  scope: string;
  records: number;
  bytes: number;
  packedBytes: number;
}

const hourMs = 3_600_000;

/**
 * How much the stored logs of the window take: records are counted, and some of each node's channels are written to see.
 * `byChannel`: event channels and files of one scope are told apart, as a limit needs them.
 */
export async function estimateLogs(
  request: TelemetryEstimateRequest,
  { byChannel }: { byChannel: boolean },
): Promise<TelemetryEstimate[]> {
  const { maxPieces } = request;
  const minutes: LogMinute[] = await (byChannel ? readChannelMinutes : readLogMinutes)(request);
  const keyOf = ({ node, scope, channel }: LogMinute): string => JSON.stringify([node, scope, channel]);
  const parts = [...Map.groupBy(minutes, keyOf).values()].map((own) => ({
    node: own[0]?.node ?? '',
    scope: own[0]?.scope ?? '',
    own,
    records: sum(own, (minute) => Number(minute.records)),
  }));
  const total = sum(parts, (part) => part.records);
  // Where much is, more is looked at; a channel with little is presumed to be like the others of its node.
  const looked = new Map<(typeof parts)[number], Look>();
  for (const part of [...parts].sort((a, b) => b.records - a.records)) {
    if (looked.size >= maxPieces / 2) break;
    const pieces = Math.max(1, Math.min(6, Math.round((part.records / total) * maxPieces)));
    looked.set(part, await lookAtLogs(request, part.own, pieces));
  }
  /** Where channels are not told apart their files are not counted either: each is but its headers. */
  const entries = new Set<string>();
  return parts.map((part) => {
    const likes = [...looked].filter(([other]) => other.node === part.node).map(([, look]) => look);
    const look = looked.get(part) ?? average(likes.length > 0 ? likes : [...looked.values()]);
    const bytes = Math.round(part.records * look.bytesPerRecord);
    const before = entries.size;
    for (const { minuteUnixMs, channel = '' } of part.own) {
      const file = filedChannel(part.scope, channel);
      entries.add(JSON.stringify([part.node, part.scope, file, Math.floor(Number(minuteUnixMs) / hourMs)]));
    }
    const packedBytes = Math.round(bytes * look.packedShare) + (entries.size - before) * entryOverheadBytes;
    return { node: part.node, scope: part.scope, records: part.records, bytes, packedBytes };
  });
}

/** How much the stored metrics of the window take. */
export async function estimateMetrics(request: TelemetryEstimateRequest): Promise<TelemetryEstimate[]> {
  const byNode = Map.groupBy(await readMetricMinutes(request), (minute) => minute.node);
  const pieces = Math.max(1, Math.min(4, Math.floor(request.maxPieces / Math.max(1, byNode.size))));
  const estimates: TelemetryEstimate[] = [];
  for (const [node, own] of byNode) {
    const look = await lookAtMetrics(request, node, own, pieces);
    const records = sum(own, (minute) => Number(minute.samples));
    const bytes = Math.round(records * look.bytesPerRecord);
    const packedBytes = Math.round(bytes * look.packedShare) + entryOverheadBytes;
    estimates.push({ node, scope: '', records, bytes, packedBytes });
  }
  return estimates;
}

const average = (looks: readonly Look[]): Look => ({
  bytesPerRecord: sum(looks, (look) => look.bytesPerRecord) / Math.max(1, looks.length),
  packedShare: sum(looks, (look) => look.packedShare) / Math.max(1, looks.length),
});

const sum = <Item>(items: readonly Item[], of: (item: Item) => number): number =>
  items.reduce((total, item) => total + of(item), 0);
