import { fork } from 'node:child_process';
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type BenchSignal, readBatches, writeBatches } from './ingest/batches.ts';
import type { ClientFigures, ClientTask } from './ingest/client.ts';
import type { EngineFigures } from './ingest/engine-alone.ts';
import { machine, median, percentile, round } from './machine.ts';

/**
 * What the whole path takes in: OTLP over mutual TLS from another process, journal fsync, answer, engine, queryable.
 * Beside it the engine alone, fed journal files of the same bytes. They take turns (engine, 1 client, 16 clients, engine
 * again, …) and each round gives its own ratios, of which the median is told: a busy neighbour spoils one round, not the
 * figure. Ratios of processor seconds stand beside those of time, since they suffer less from neighbours.
 * Last, the answers' delay at offered rates, counted from when each batch fell due, and beside it what the disk takes for a
 * batch by itself, with nothing else going on.
 *
 * `npm run bench -- ingest [--records 200000] [--samples 1000000] [--rounds 3] [--rates 10000,50000] [--rate-seconds 10]`
 * (`--rounds 0`: the rates alone)
 */
const { values } = parseArgs({
  options: {
    records: { type: 'string', default: '200000' },
    samples: { type: 'string', default: '1000000' },
    rounds: { type: 'string', default: '3' },
    rates: { type: 'string', default: '10000,20000,30000,40000,50000' },
    'rate-seconds': { type: 'string', default: '10' },
  },
});
const folder = mkdtempSync(join(tmpdir(), 'sextant-bench-'));
const manyClients = 16;

interface Round {
  engine: EngineFigures;
  one: ClientFigures;
  many: ClientFigures;
}

try {
  const both = Number(values.rounds) > 0;
  const logs = both && (await measure('logs', Number(values.records)));
  const metrics = both && (await measure('metrics', Number(values.samples)));
  const offered: Awaited<ReturnType<typeof measureOffered>>[] = [];
  for (const rate of values.rates.split(',')) {
    offered.push(await measureOffered(Number(rate), Number(values['rate-seconds'])));
  }
  const disk = measureDisk();
  console.log(JSON.stringify({ name: 'ingest', machine, figures: { logs, metrics, offered, disk } }));
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function measure(signal: BenchSignal, atLeast: number) {
  const { records, bytes } = writeBatches(folder, signal, atLeast);
  const rounds: Round[] = [];
  for (let at = 0; at < Number(values.rounds); at++) {
    const engine = await runEngine(signal);
    const one = await runClient({ folder, signal, clients: 1, records });
    const many = await runClient({ folder, signal, clients: manyClients, records });
    rounds.push({ engine, one, many });
    console.log(
      `${signal}, round ${at + 1}: engine alone ${rate(records, engine.seconds)}; ` +
        [one, many].map((client, which) => told(which === 0 ? 1 : manyClients, records, engine, client)).join('; '),
    );
  }
  const figures = {
    records,
    megabytes: round(bytes / 1e6, 0),
    rounds: rounds.length,
    engineAloneRecordsPerSecond: middle(rounds, ({ engine }) => records / engine.seconds, 0),
    engineAloneCpuSeconds: middle(rounds, ({ engine }) => engine.cpuSeconds, 2),
    oneClient: clientFigures(rounds, records, ({ one }) => one),
    manyClients: clientFigures(rounds, records, ({ many }) => many),
  };
  return figures;
}

function clientFigures(rounds: Round[], records: number, of: (round: Round) => ClientFigures) {
  return {
    recordsPerSecond: middle(rounds, (one) => records / of(one).queryableSeconds, 0),
    ratio: middle(rounds, (one) => one.engine.seconds / of(one).queryableSeconds, 2),
    cpuRatio: middle(rounds, (one) => one.engine.cpuSeconds / of(one).collectorCpuSeconds, 2),
    acknowledgedPerSecond: middle(rounds, (one) => records / of(one).acknowledgedSeconds, 0),
    acknowledgeP50Ms: middle(rounds, (one) => of(one).p50Ms, 1),
    acknowledgeP99Ms: middle(rounds, (one) => of(one).p99Ms, 1),
    collectorCpuSeconds: middle(rounds, (one) => of(one).collectorCpuSeconds, 2),
    peakResidentMegabytes: middle(rounds, (one) => of(one).collectorPeakResidentBytes / 1e6, 0),
  };
}

async function measureOffered(recordsPerSecond: number, seconds: number) {
  const { records, batches } = writeBatches(folder, 'logs', recordsPerSecond * seconds);
  const client = await runClient({
    folder,
    signal: 'logs',
    clients: manyClients,
    records,
    batchesPerSecond: (recordsPerSecond * batches) / records,
  });
  const figures = {
    recordsPerSecond,
    seconds,
    acknowledgeP50Ms: round(client.p50Ms, 1),
    acknowledgeP99Ms: round(client.p99Ms, 1),
    collectorCores: round(client.collectorCpuSeconds / client.queryableSeconds, 2),
    peakResidentMegabytes: round(client.collectorPeakResidentBytes / 1e6, 0),
  };
  console.log(
    `offered ${recordsPerSecond} log records/s for ${seconds} s: acknowledged after p50 ${figures.acknowledgeP50Ms} ms, ` +
      `p99 ${figures.acknowledgeP99Ms} ms; ${figures.collectorCores} cores, ${figures.peakResidentMegabytes} MB at most`,
  );
  return figures;
}

/** One batch after the other to the end of a file, each with its fdatasync. */
function measureDisk() {
  const batches = readBatches(folder, 'logs').slice(0, 200);
  const fd = openSync(join(folder, 'disk'), 'w');
  const took = batches.map((batch) => {
    const before = performance.now();
    writeSync(fd, batch);
    fdatasyncSync(fd);
    return performance.now() - before;
  });
  closeSync(fd);
  const figures = {
    batches: took.length,
    p50Ms: round(percentile(took, 50), 1),
    p99Ms: round(percentile(took, 99), 1),
  };
  console.log(`the disk by itself, a batch and its fdatasync: p50 ${figures.p50Ms} ms, p99 ${figures.p99Ms} ms`);
  return figures;
}

function middle(rounds: Round[], of: (round: Round) => number, digits: number): number {
  return round(median(rounds.map(of)), digits);
}

function rate(records: number, seconds: number): string {
  return `${Math.round(records / seconds / 1000)} k/s`;
}

function told(clients: number, records: number, engine: EngineFigures, client: ClientFigures): string {
  return (
    `${clients} client${clients === 1 ? '' : 's'} ${rate(records, client.queryableSeconds)} until queryable ` +
    `(${(engine.seconds / client.queryableSeconds).toFixed(2)}; of CPU-s ` +
    `${(engine.cpuSeconds / client.collectorCpuSeconds).toFixed(2)}), p99 ${client.p99Ms.toFixed(0)} ms, ` +
    `${(client.collectorPeakResidentBytes / 1e6).toFixed(0)} MB`
  );
}

function runEngine(signal: BenchSignal): Promise<EngineFigures> {
  return run('engine-alone', [folder, signal]);
}

function runClient(task: ClientTask): Promise<ClientFigures> {
  return run('client', [JSON.stringify(task)]);
}

/** Runs one part in a process of its own: the engine takes one folder a process, and a client must not share its core. */
async function run<Figures>(part: string, parameters: string[]): Promise<Figures> {
  try {
    return await new Promise((resolve, reject) => {
      const child = fork(join(import.meta.dirname, 'ingest', `${part}.ts`), parameters);
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
  } finally {
    for (const leftover of ['engine-alone', 'data']) rmSync(join(folder, leftover), { recursive: true, force: true });
  }
}
