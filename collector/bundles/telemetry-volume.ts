import { type CoverageSource, collectorNode } from '../../bundle/coverage.ts';
import { safeSegment } from '../../bundle/entry-path.ts';
import type { RedactionTally } from '../../bundle/redaction/profile.ts';
import { createVolumeWriter, type Volume } from '../../bundle/volume-writer.ts';
import type { AlertRow } from '../api/shapes.ts';
import type { NodeInventory } from '../nodes/registry.ts';
import type { AuditEntry } from '../state/audit.ts';
import { type TelemetryRequest, writeLogs } from './telemetry-logs.ts';
import { writeMetrics } from './telemetry-metrics.ts';

export interface TelemetryInput extends Omit<TelemetryRequest, 'writer' | 'nodes'> {
  /** Nodes that were asked for. */
  nodes: string[];
  /** Node names under which logs and metrics are stored. */
  streams: string[];
  /** Names under which there are logs and never metrics. */
  peers: string[];
  /** `data/` of the staging folder. */
  folder: string;
  alerts: AlertRow[];
  inventories: { node: string; inventory: NodeInventory }[];
  configuration: Record<string, unknown>;
  audit: AuditEntry[];
  nowMs: () => number;
}

/**
 * Writes what the collector itself has: logs, metrics, alerts, inventories, configuration, audit extract. What cannot
 * be read becomes a source that failed; only the writing itself can reject.
 */
export async function writeTelemetryVolume(
  input: TelemetryInput,
): Promise<{ volumes: Volume[]; sources: CoverageSource[] }> {
  const writer = createVolumeWriter({ folder: input.folder, base: 'telemetry' });
  const logs: TelemetryRequest = { ...input, nodes: [...input.streams, ...input.peers], writer };
  const metrics: TelemetryRequest = { ...input, nodes: input.streams, writer };
  const sources: CoverageSource[] = [];

  const reading = async (
    source: string,
    read: (request: TelemetryRequest) => Promise<CoverageSource[]>,
    request: TelemetryRequest,
  ): Promise<void> => {
    try {
      sources.push(...(await read(request)));
    } catch (error) {
      input.signal.throwIfAborted();
      const reason = `cannot be read: ${(error as Error).message.slice(0, 500)}`;
      for (const node of request.nodes) {
        sources.push({ node, source, state: 'failed', bytes: 0, first: null, last: null, reason, masked: {} });
      }
    }
  };
  const document = async (
    node: string,
    source: string,
    path: string,
    value: unknown,
    at: string | null,
  ): Promise<void> => {
    const masked: RedactionTally = {};
    const text = `${JSON.stringify(input.redactor.document(value, masked), null, 2)}\n`;
    const { bytes } = await writer.add({ path, modifiedMs: input.nowMs() }, [Buffer.from(text)]);
    sources.push({ node, source, state: 'ok', bytes, first: at, last: at, reason: null, masked });
  };

  try {
    await reading('telemetry/logs', writeLogs, logs);
    await reading('telemetry/metrics', writeMetrics, metrics);
    for (const node of input.nodes) {
      const known = input.inventories.find((candidate) => candidate.node === node)?.inventory;
      if (known) {
        const path = `inventory/${safeSegment(input.redactor.node(node))}.json`;
        await document(node, 'telemetry/inventory', path, known, known.collectedAt);
      } else {
        const reason = 'the node has not told its inventory';
        const none = { bytes: 0, first: null, last: null, masked: {} };
        sources.push({ node, source: 'telemetry/inventory', state: 'absent', reason, ...none });
      }
    }
    await document(collectorNode, 'alerts', 'alerts.json', input.alerts, null);
    await document(collectorNode, 'configuration', 'configuration.json', input.configuration, null);
    await document(collectorNode, 'audit', 'audit.json', input.audit, null);
    return { volumes: await writer.close(), sources };
  } catch (error) {
    await writer.abandon();
    throw error;
  }
}
