import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { isAskedFor, onNodes } from '../../bundle/asked-classes.ts';
import type { CoverageSource } from '../../bundle/coverage.ts';
import { entryOverheadBytes, packedShare } from '../../bundle/packed-share.ts';
import { createRedactor } from '../../bundle/redaction/redactor.ts';
import type { EstimatedItem } from '../../protocol/control.ts';
import { runEstimateJob } from '../jobs/estimate-job.ts';
import { openKnownSizes } from '../jobs/known-sizes.ts';
import { ownNames } from '../jobs/own-names.ts';
import { damageGaps, findDamage } from './damage.ts';
import { listKept } from './kept-file.ts';
import { type KeptSize, sizeKeptLogs, sizeKeptMetrics } from './kept-sizes.ts';
import { createLook } from './kept-telemetry.ts';
import { askInventory, type NodeBundleOptions, nameOfNode } from './node-bundle.ts';
import { profileGap } from './profile-gap.ts';
import { ringGap } from './ring-gap.ts';

/** One source of a node's own bundle, as a collector's estimate has it. */
export interface NodeEstimateSource extends Omit<EstimatedItem, 'kind' | 'reason'> {
  node: string;
  kind: EstimatedItem['kind'] | 'logs' | 'metrics' | 'documents';
  reason: string | null;
}

/** As long as nodes may take that a collector asks. */
const deadlineMs = 40_000;

/**
 * Tells what `writeNodeBundle` would write, source by source: roles' items as a collector's question has them looked at, the
 * telemetry that this node has kept, and its inventory. Nothing is written, not even keys; commands whose size nobody knows
 * are run once, at most two seconds each.
 */
export async function estimateNodeBundle(
  options: Omit<NodeBundleOptions, 'out' | 'onProgress'>,
): Promise<{ node: string; sources: NodeEstimateSource[]; damaged: CoverageSource[] }> {
  const { dataDir, settings, fromUnixMs, untilUnixMs, roles, redaction, signal, nowMs, classes = [] } = options;
  const node = nameOfNode(dataDir, settings);
  const damage = findDamage(dataDir, settings, options.profileFault);
  const damaged = damageGaps(node, { dataDir, damage });
  const names = [{ kind: 'host' as const, name: node }, ...ownNames()];
  // Marks and pseudonyms have the same length under every key.
  const redactor = createRedactor({ key: randomBytes(32), profile: redaction, names });
  const items = await runEstimateJob({
    request: {
      ...{ type: 'estimate', estimateId: '', fromUnixMs, untilUnixMs, roles, deadlineMs, redaction },
      ...onNodes(classes),
    },
    profile: options.profile,
    dataDir,
    sizes: { ...openKnownSizes(dataDir), save: () => undefined },
    ...{ names, nowMs, signal, questions: options.questions },
  });
  const files = await listKept(join(dataDir, 'agent'));
  const kept = (): Parameters<typeof sizeKeptLogs>[0] => ({
    ...{ node, files, redactor, fromUnixMs, untilUnixMs, signal },
    look: createLook({ lost: ringGap(dataDir, settings, files, { fromUnixMs, nowMs: nowMs() }) }),
  });
  const inventory = await (options.inventory ?? askInventory(nowMs))();
  const told = { node, collectedAt: new Date(inventory.collectedUnixMs).toISOString(), facts: inventory.facts };
  const text = Buffer.from(`${JSON.stringify(redactor.document(told, {}), null, 2)}\n`);
  return {
    node,
    damaged,
    sources: [
      ...[...damaged, ...profileGap(node, options.profileFault)].map(({ source, reason }) => ({
        ...{ node, source, kind: 'documents' as const, state: 'partial' as const, basis: 'measured' as const, reason },
        ...{ bytes: 0, packedBytes: 0 },
      })),
      ...items.map(({ reason, ...item }) => ({
        ...{ ...item, node, reason: reason ?? null },
        bytes: Math.round(item.bytes),
        packedBytes: Math.round(item.packedBytes),
      })),
      ...(isAskedFor(classes, 'logs') ? [ofKept('logs', await sizeKeptLogs(kept()))] : []),
      ...(isAskedFor(classes, 'metrics') ? [ofKept('metrics', await sizeKeptMetrics(kept()))] : []),
      {
        ...{ node, source: 'telemetry/inventory', kind: 'documents', state: 'ok', basis: 'measured', reason: null },
        bytes: text.length,
        packedBytes: Math.round(text.length * packedShare([text])) + entryOverheadBytes,
      },
    ],
  };
}

function ofKept(kind: 'logs' | 'metrics', { source, packedBytes, exact }: KeptSize): NodeEstimateSource {
  const { node, bytes, reason } = source;
  const state = source.state === 'partial' || source.state === 'absent' ? source.state : 'ok';
  return {
    ...{ node, source: source.source, kind, state, bytes, packedBytes, reason },
    basis: exact ? 'measured' : 'sampled',
  };
}
