import { type AskedClasses, isAskedFor } from '../../bundle/asked-classes.ts';
import type { CoverageSource } from '../../bundle/coverage.ts';
import { parquetSource } from '../../bundle/parquet.ts';
import type { RedactionTally } from '../../bundle/redaction/profile.ts';
import { telemetryBase } from '../../bundle/volume-name.ts';
import { createVolumeWriter, type Volume } from '../../bundle/volume-writer.ts';
import type { QuarantinedBatch } from '../journal/quarantine-box.ts';
import { type droppedDays, noteDropped } from './dropped-days.ts';
import { noteBeforeEnrolment } from './first-enrolled.ts';
import { noteQuarantined } from './quarantine-gaps.ts';
import type { SiteRecords } from './site-records.ts';
import { documentSource, documentText, telemetryDocuments } from './telemetry-documents.ts';
import { type TelemetryRequest, writeLogs } from './telemetry-logs.ts';
import { writeMetrics } from './telemetry-metrics.ts';

export interface TelemetryInput extends Omit<TelemetryRequest, 'writer' | 'nodes'> {
  /** Nodes that were asked for. */
  nodes: string[];
  /** Node names under which logs and metrics are stored. */
  streams: string[];
  /** Names under which there are logs and never metrics. */
  peers: string[];
  /** Of content; empty or absent: all. */
  classes?: AskedClasses;
  /** `data/` of the staging folder. */
  folder: string;
  records: SiteRecords;
  /** What the journal put aside. */
  quarantined: readonly QuarantinedBatch[];
  /** Days that retention dropped. */
  dropped: ReturnType<typeof droppedDays>;
  nowMs: () => number;
}

/**
 * Writes what the collector itself has: logs, metrics, alerts, inventories, configuration, audit extract. What cannot
 * be read becomes a source that failed; only the writing itself can reject.
 */
export async function writeTelemetryVolume(
  input: TelemetryInput,
): Promise<{ volumes: Volume[]; sources: CoverageSource[] }> {
  const writer = createVolumeWriter({ folder: input.folder, base: telemetryBase });
  const logs: TelemetryRequest = { ...input, nodes: [...input.streams, ...input.peers], writer };
  const metrics: TelemetryRequest = { ...input, nodes: input.streams, writer };
  const sources: CoverageSource[] = [];

  const reading = async (
    kind: 'logs' | 'metrics',
    read: (request: TelemetryRequest) => Promise<CoverageSource[]>,
    request: TelemetryRequest,
  ): Promise<void> => {
    if (!isAskedFor(input.classes ?? [], kind)) return;
    const source = `telemetry/${kind}`;
    try {
      sources.push(...(await read(request)));
    } catch (error) {
      input.signal.throwIfAborted();
      if (writer.failure !== undefined) throw error;
      const reason = `cannot be read: ${(error as Error).message.slice(0, 500)}`;
      const failed = [source, ...(input.parquet ? [parquetSource(kind)] : [])];
      for (const node of request.nodes) {
        for (const each of failed) {
          sources.push({ node, source: each, state: 'failed', bytes: 0, first: null, last: null, reason, masked: {} });
        }
      }
    }
  };
  try {
    await reading('logs', writeLogs, logs);
    await reading('metrics', writeMetrics, metrics);
    for (const source of noteBeforeEnrolment(sources, input)) input.onProgress({ ...source });
    for (const source of noteDropped(sources, input.dropped, input)) input.onProgress({ ...source });
    for (const source of noteQuarantined(sources, input.quarantined, input)) input.onProgress({ ...source });
    const { documents, missing } = telemetryDocuments(input.records, input.nodes, input.redactor);
    for (const document of documents) {
      const masked: RedactionTally = {};
      const text = documentText(document, input.redactor, masked);
      const { bytes } = await writer.add({ path: document.path, modifiedMs: input.nowMs() }, [Buffer.from(text)]);
      sources.push(documentSource(document, bytes, masked));
    }
    const none = { bytes: 0, first: null, last: null };
    for (const one of missing) sources.push({ ...one, ...none, masked: {} });
    return { volumes: await writer.close(), sources };
  } catch (error) {
    await writer.abandon();
    throw error;
  }
}
