import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { writeBatches } from './ingest/batches.ts';
import type { ClientFigures } from './ingest/client.ts';
import type { EngineFigures } from './ingest/engine-alone.ts';

/**
 * What the whole path takes in: OTLP over mutual TLS from another process, journal fsync, answer, engine, queryable.
 * Beside it the engine alone, fed journal files of the same bytes, in the same run on the same machine.
 *
 * `npm run bench -- ingest [thousands of records]`
 */
const thousands = Number(process.argv[2] ?? 1000);
const folder = mkdtempSync(join(tmpdir(), 'sextant-bench-'));

try {
  const { bytes } = writeBatches(join(folder, 'batches'), { batches: thousands, recordsPerBatch: 1000 });
  const records = thousands * 1000;
  console.log(`${records} log records, ${(bytes / 1e6).toFixed(0)} MB of OTLP, batches of 1000`);

  const engine = await run<EngineFigures>('engine-alone');
  const engineRate = records / engine.seconds;
  console.log(`engine alone: ${rate(engineRate)}, ${engine.cpuSeconds.toFixed(1)} CPU-s`);

  const client = await run<ClientFigures>('client');
  const durableRate = records / client.queryableSeconds;
  console.log(
    `end to end:   ${rate(durableRate)} until queryable, ${rate(records / client.acknowledgedSeconds)} acknowledged, ` +
      `${client.collectorCpuSeconds.toFixed(1)} CPU-s in the collector, ` +
      `${(client.collectorResidentBytes / 1e6).toFixed(0)} MB resident`,
  );
  console.log(`acknowledged after p50 ${client.p50Ms.toFixed(1)} ms, p99 ${client.p99Ms.toFixed(1)} ms, 4 streams`);
  const figures = {
    records,
    megabytes: Math.round(bytes / 1e6),
    recordsPerSecond: Math.round(durableRate),
    engineAloneRecordsPerSecond: Math.round(engineRate),
    ratio: Number((durableRate / engineRate).toFixed(2)),
    acknowledgedRecordsPerSecond: Math.round(records / client.acknowledgedSeconds),
    acknowledgeP50Ms: Number(client.p50Ms.toFixed(1)),
    acknowledgeP99Ms: Number(client.p99Ms.toFixed(1)),
    collectorCpuSeconds: Number(client.collectorCpuSeconds.toFixed(2)),
    collectorResidentMegabytes: Math.round(client.collectorResidentBytes / 1e6),
  };
  const machine = {
    cpus: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.versions.node,
  };
  console.log(JSON.stringify({ name: 'ingest', machine, figures }));
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function rate(perSecond: number): string {
  return `${Math.round(perSecond / 1000)} k records/s`;
}

/** Runs one part in a process of its own: the engine takes one folder a process, and a client must not share its core. */
function run<Figures>(part: string): Promise<Figures> {
  return new Promise((resolve, reject) => {
    const child = fork(join(import.meta.dirname, 'ingest', `${part}.ts`), [folder]);
    let figures: Figures | undefined;
    child.on('message', (message) => {
      figures = message as Figures;
    });
    child.once('error', reject);
    child.once('exit', (code) => {
      if (code === 0 && figures) resolve(figures);
      else reject(new Error(`${part} ended with code ${code}`));
    });
  });
}
