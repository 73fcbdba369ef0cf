import { type AskedClasses, isAskedFor, onNodes } from '../../../bundle/asked-classes.ts';
import { type BundleCaps, type CapClass, type SourceMaxBytes, sourceLimits } from '../../../bundle/caps.ts';
import { collectorNode } from '../../../bundle/coverage.ts';
import { entryOverheadBytes, packedShare } from '../../../bundle/packed-share.ts';
import { rawReason } from '../../../bundle/raw-volume.ts';
import type { RedactionProfile } from '../../../bundle/redaction/profile.ts';
import { createRedactor } from '../../../bundle/redaction/redactor.ts';
import type { Settings } from '../../../config/settings.ts';
import type { Alerts } from '../../alerts/alerts.ts';
import type { BundleEstimate, BundleEstimateSource } from '../../api/shapes/bundles.ts';
import type { ControlHub } from '../../control/hub.ts';
import type { NodeRegistry } from '../../nodes/registry.ts';
import type { AuditTrail } from '../../state/audit.ts';
import type { Store } from '../../store/store.ts';
import { byKind } from '../asked-nodes.ts';
import { nodeWindow, type Window } from '../node-window.ts';
import { readSiteRecords } from '../site-records.ts';
import { documentText, telemetryDocuments } from '../telemetry-documents.ts';
import { askForEstimate, type NodeEstimate } from './node-estimate.ts';
import { parquetEstimate } from './parquet-estimate.ts';
import { estimateLogs, estimateMetrics, type TelemetryEstimate } from './telemetry-estimate.ts';

export interface EstimateCapabilities {
  store: Pick<Store, 'query'>;
  hub: ControlHub;
  registry: Pick<NodeRegistry, 'list' | 'inventory'>;
  alerts: Pick<Alerts, 'list'>;
  audit: Pick<AuditTrail, 'list' | 'count'>;
  settings: Settings;
  redactionKey: Buffer;
}

export interface EstimateRequest extends Window {
  /** Names, all of them known. */
  asked: readonly string[];
  roles: string[];
  /** Of content; empty or absent: all. */
  classes?: AskedClasses;
  redaction: RedactionProfile;
  caps: BundleCaps;
  /** What cannot be redacted too. */
  raw?: boolean | undefined;
  /** What is stored as Parquet too. */
  parquet?: boolean | undefined;
  /** How long nodes may take to answer. */
  deadlineMs: number;
  /** What is said of a node that is not connected, where that is no surprise. */
  unreachable?: string | undefined;
  signal: AbortSignal;
}

/** How long nodes may take to look at what they have. */
export const estimateDeadlineMs = 40_000;

/** Pieces of what is stored that are read to see how much it takes: for an estimate, and beside a bundle. */
const estimatePieces = 240;
const foreseenPieces = 24;

/** One source as it is planned for; of logs, one channel of a node. */
export interface Wanted extends Omit<BundleEstimateSource, 'kind'> {
  kind: CapClass | undefined;
}

export interface BundlePlan {
  estimate: BundleEstimate;
  /** What keeps the bundle within its limits. */
  limits: SourceMaxBytes;
}

/**
 * Tells what a bundle would hold, source by source: nodes look at what they have, the collector counts what it has
 * stored and writes some of it to see. Nothing is gathered. What cannot be told says why and never stops the rest.
 */
export async function planBundle(capabilities: EstimateCapabilities, request: EstimateRequest): Promise<BundlePlan> {
  const { nodes } = byKind(request.asked);
  const offsets = new Map(capabilities.registry.list().map((row) => [row.node, row.clockOffsetMs]));
  const { roles, classes = [], redaction, raw = false, deadlineMs, signal } = request;
  const answers = nodes.map((node) =>
    askForEstimate(
      capabilities.hub,
      node,
      {
        ...{ ...nodeWindow(request, offsets.get(node)), roles, ...onNodes(classes) },
        ...{ redaction, deadlineMs, ...(raw && { raw }) },
      },
      { signal, unreachable: request.unreachable },
    ),
  );
  const telemetry = await estimateTelemetry(capabilities, request, estimatePieces);
  const stored = [...telemetry, ...(await estimateDocuments(capabilities, request, nodes))];
  const asked = await Promise.all(answers);
  const wanted = [...asked.flatMap(ofNode), ...stored];
  const copiesOf = (of: readonly Wanted[]): Wanted[] => (request.parquet ? of.flatMap(parquetEstimate) : []);
  const limits = sourceLimits(request.caps, [...wanted, ...copiesOf(wanted)]);
  const kept = wanted.map((source) => limited(source, limits));
  const sources = combined([...kept, ...copiesOf(kept)]);
  const sum = (field: 'bytes' | 'packedBytes'): number => sources.reduce((total, source) => total + source[field], 0);
  return {
    limits,
    estimate: {
      from: new Date(request.fromUnixMs).toISOString(),
      until: new Date(request.untilUnixMs).toISOString(),
      nodes: asked.map(({ node, state, reason }) => ({ node, state, reason })),
      sources,
      bytes: sum('bytes'),
      packedBytes: sum('packedBytes'),
    },
  };
}

const ofNode = ({ node, items }: NodeEstimate): Wanted[] =>
  items.map(({ source, kind, state, bytes, packedBytes, basis, reason }) => ({
    ...{ node, source, kind, state, basis, reason: reason ?? null },
    bytes: Math.round(bytes),
    packedBytes: Math.round(packedBytes),
  }));

/**
 * Tells how much of logs and metrics a bundle will have, by few pieces of them: cheap enough to be asked beside the bundle
 * itself. Rejects when the signal aborts.
 */
export async function foreseeTelemetry(
  capabilities: Pick<EstimateCapabilities, 'store' | 'redactionKey'>,
  request: TelemetryRequest,
): Promise<BundleEstimateSource[]> {
  const wanted = await estimateTelemetry(capabilities, request, foreseenPieces);
  return combined([...wanted, ...(request.parquet ? wanted.flatMap(parquetEstimate) : [])]);
}

type TelemetryRequest = Omit<EstimateRequest, 'roles' | 'deadlineMs'>;

async function estimateTelemetry(
  capabilities: Pick<EstimateCapabilities, 'store' | 'redactionKey'>,
  request: TelemetryRequest,
  maxPieces: number,
): Promise<Wanted[]> {
  const { nodes, senders, peers } = byKind(request.asked);
  const redactor = createRedactor({ key: capabilities.redactionKey, profile: request.redaction });
  const { store } = capabilities;
  const { fromUnixMs, untilUnixMs, signal } = request;
  const streams = [...nodes, ...senders, collectorNode];
  const telemetry = { store, redactor, fromUnixMs, untilUnixMs, signal, maxPieces };
  const byChannel = request.caps.total !== undefined || request.caps.perClass.logs !== undefined;
  const wanted: Wanted[] = [];
  const put = async (
    kind: 'logs' | 'metrics',
    names: string[],
    read: (names: string[]) => Promise<TelemetryEstimate[]>,
  ): Promise<void> => {
    if (!isAskedFor(request.classes ?? [], kind)) return;
    const source = `telemetry/${kind}`;
    const none = { source, kind, bytes: 0, packedBytes: 0 } as const;
    try {
      const parts = await read(names);
      for (const node of names) {
        const own = parts.filter((part) => part.node === node);
        if (own.length === 0) {
          const reason = 'nothing is stored for the window';
          wanted.push({ node, ...none, state: 'absent', basis: 'measured', reason });
        }
        for (const { bytes, packedBytes, records } of own) {
          const reason = `${records} ${kind === 'logs' ? 'records' : 'samples'}`;
          wanted.push({ node, source, kind, state: 'ok', bytes, packedBytes, basis: 'sampled', reason });
        }
      }
    } catch (error) {
      signal.throwIfAborted();
      const reason = `cannot be read: ${(error as Error).message.slice(0, 300)}`;
      for (const node of names) wanted.push({ node, ...none, state: 'failed', basis: 'guess', reason });
    }
  };
  await put('logs', [...streams, ...peers], (names) => estimateLogs({ ...telemetry, nodes: names }, { byChannel }));
  await put('metrics', streams, (names) => estimateMetrics({ ...telemetry, nodes: names }));
  return wanted;
}

async function estimateDocuments(
  capabilities: EstimateCapabilities,
  request: EstimateRequest,
  nodes: string[],
): Promise<Wanted[]> {
  const redactor = createRedactor({ key: capabilities.redactionKey, profile: request.redaction });
  const wanted: Wanted[] = [];
  const records = await readSiteRecords(capabilities, { ...request, nodes }, request.signal);
  const { documents, missing } = telemetryDocuments(records, nodes, redactor);
  for (const document of documents) {
    const { node, source } = document;
    const text = Buffer.from(documentText(document, redactor, {}));
    const packedBytes = Math.round(text.length * packedShare([text])) + entryOverheadBytes;
    const figures = { bytes: text.length, packedBytes, basis: 'measured' } as const;
    wanted.push({ node, source, kind: undefined, state: 'ok', ...figures, reason: null });
  }
  for (const { node, source, state, reason } of missing) {
    const none = { kind: undefined, bytes: 0, packedBytes: 0, basis: 'measured' } as const;
    wanted.push({ node, source, state: state === 'failed' ? 'failed' : 'absent', ...none, reason });
  }
  return wanted;
}

function limited(source: Wanted, limits: SourceMaxBytes): Wanted {
  const limit = source.kind === undefined ? undefined : limits[source.kind];
  if (limit === undefined || source.bytes <= limit) return source;
  const packedBytes = Math.round((source.packedBytes * limit) / source.bytes);
  const reason = source.reason?.startsWith(rawReason)
    ? `${rawReason}; at most, since the size limit leaves out whole files`
    : 'cut by the size limit';
  return { ...source, state: 'partial', bytes: limit, packedBytes, reason };
}

/** One row a source, as coverage has it: the channels of a node's logs together. */
function combined(wanted: readonly Wanted[]): BundleEstimateSource[] {
  return [...Map.groupBy(wanted, ({ node, source }) => JSON.stringify([node, source])).values()].map((parts) => {
    const [first] = parts;
    if (!first) throw new Error('BUG: a group without members');
    const { node, source, kind, basis } = first;
    const cut = parts.find((part) => part.state === 'partial');
    const records = parts.reduce((sum, part) => sum + Number(/^\d+/.exec(part.reason ?? '')?.[0] ?? 0), 0);
    const unit = kind === 'metrics' ? 'samples' : 'records';
    const counted = parts.length > 1 ? `${records} ${unit} of ${parts.length} channels` : first.reason;
    return {
      ...{ node, source, kind: kind ?? 'documents', state: cut?.state ?? first.state, basis },
      bytes: parts.reduce((sum, part) => sum + part.bytes, 0),
      packedBytes: parts.reduce((sum, part) => sum + part.packedBytes, 0),
      reason: cut?.reason ?? counted,
    };
  });
}
