import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { writeBatches } from './ingest/batches.ts';
import type { ClientFigures } from './ingest/client.ts';
import type { EngineFigures } from './ingest/engine-alone.ts';

/**
 * What the whole path takes in: OTLP over mutual TLS from another process, journal fsync, answer, engine, queryable.
 * Beside it the engine alone, fed journal files of the same bytes, in the same run on the same machine. The two take
 * turns, and the round with the middle ratio is told: a busy neighbour spoils one turn, not the figure.
 *
 * `npm run bench -- ingest [thousands of records] [rounds]`
 */
const thousands = Number(process.argv[2] ?? 500);
const rounds = Number(process.argv[3] ?? 3);
const records = thousands * 1000;
const folder = mkdtempSync(join(tmpdir(), 'sextant-bench-'));

interface Round {
  engine: EngineFigures;
  client: ClientFigures;
  ratio: number;
}

try {
  const { bytes } = writeBatches(join(folder, 'batches'), { batches: thousands, recordsPerBatch: 1000 });
  console.log(`${records} log records, ${(bytes / 1e6).toFixed(0)} MB of OTLP, batches of 1000, 4 streams`);
  const all: Round[] = [];
  for (let round = 1; round <= rounds; round++) all.push(await runRound(round));
  all.sort((a, b) => a.ratio - b.ratio);
  const middle = all[Math.floor((all.length - 1) / 2)];
  if (!middle) throw new Error('no rounds');
  const { engine, client, ratio } = middle;
  const figures = {
    records,
    rounds,
    megabytes: Math.round(bytes / 1e6),
    recordsPerSecond: Math.round(records / client.queryableSeconds),
    engineAloneRecordsPerSecond: Math.round(records / engine.seconds),
    ratio: Number(ratio.toFixed(2)),
    acknowledgedRecordsPerSecond: Math.round(records / client.acknowledgedSeconds),
    acknowledgeP50Ms: Number(client.p50Ms.toFixed(1)),
    acknowledgeP99Ms: Number(client.p99Ms.toFixed(1)),
    engineAloneCpuSeconds: Number(engine.cpuSeconds.toFixed(2)),
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

async function runRound(round: number): Promise<Round> {
  const engine = await run<EngineFigures>('engine-alone');
  const client = await run<ClientFigures>('client');
  const ratio = engine.seconds / client.queryableSeconds;
  console.log(`round ${round}: engine alone ${rate(engine.seconds)}, ${engine.cpuSeconds.toFixed(1)} CPU-s`);
  console.log(
    `         end to end ${rate(client.queryableSeconds)} until queryable (${ratio.toFixed(2)}), ` +
      `${rate(client.acknowledgedSeconds)} acknowledged after p50 ${client.p50Ms.toFixed(1)} ms, ` +
      `p99 ${client.p99Ms.toFixed(1)} ms; collector ${client.collectorCpuSeconds.toFixed(1)} CPU-s, ` +
      `${(client.collectorResidentBytes / 1e6).toFixed(0)} MB resident`,
  );
  for (const leftover of ['files', 'engine-alone', 'data']) rmSync(join(folder, leftover), { recursive: true });
  return { engine, client, ratio };
}

function rate(seconds: number): string {
  return `${Math.round(records / seconds / 1000)} k records/s`;
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
