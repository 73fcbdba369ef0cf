import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { logSite } from '../workload/log-site.ts';
import { metricSite } from '../workload/metric-site.ts';

export type BenchSignal = 'logs' | 'metrics';

const lengthBytes = 4;
const recordsPerBatch = 500;
const metricNodes = 16;

export const batchesPath = (folder: string, signal: BenchSignal): string => join(folder, `${signal}.batches`);

/** Writes the OTLP requests of a site: log records in batches of 500, samples as their nodes collect them. */
export function writeBatches(
  folder: string,
  signal: BenchSignal,
  atLeastRecords: number,
): { bytes: number; records: number; batches: number } {
  const fd = openSync(batchesPath(folder, signal), 'w');
  const written = { bytes: 0, records: 0, batches: 0 };
  const put = (otlp: Buffer, records: number): void => {
    const prefix = Buffer.alloc(lengthBytes);
    prefix.writeUInt32LE(otlp.length);
    writeSync(fd, prefix);
    writeSync(fd, otlp);
    written.bytes += otlp.length;
    written.records += records;
    written.batches += 1;
  };
  const untilMs = Math.floor(Date.now() / 3_600_000) * 3_600_000;
  const fromMs = untilMs - 3_600_000;
  if (signal === 'logs') {
    const records = Math.ceil(atLeastRecords / recordsPerBatch) * recordsPerBatch;
    for (const batch of logSite({ nodes: 12, records, fromMs, untilMs, recordsPerBatch }))
      put(batch.otlp, batch.records);
  } else {
    const site = metricSite({ nodes: metricNodes, collections: Number.POSITIVE_INFINITY, fromMs, intervalMs: 10_000 });
    for (const batch of site) {
      put(batch.otlp, batch.samples);
      if (written.records >= atLeastRecords && written.batches % metricNodes === 0) break;
    }
  }
  closeSync(fd);
  return written;
}

export function readBatches(folder: string, signal: BenchSignal): Buffer[] {
  const content = readFileSync(batchesPath(folder, signal));
  const batches: Buffer[] = [];
  for (let at = 0; at < content.length; ) {
    const length = content.readUInt32LE(at);
    batches.push(content.subarray(at + lengthBytes, at + lengthBytes + length));
    at += lengthBytes + length;
  }
  return batches;
}
