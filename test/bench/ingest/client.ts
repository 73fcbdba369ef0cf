import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'undici';
import { enroll } from '../../../agent/identity/enroll.ts';
import { checksum } from '../../../protocol/batch.ts';
import { streamHeaders } from '../../../protocol/headers.ts';
import { collectorProgram } from '../../../scripts/collector-program.js';
import { percentile } from '../machine.ts';
import { type BenchSignal, readBatches } from './batches.ts';

export interface ClientFigures {
  acknowledgedSeconds: number;
  queryableSeconds: number;
  p50Ms: number;
  p99Ms: number;
  collectorCpuSeconds: number;
  collectorPeakResidentBytes: number;
}

export interface ClientTask {
  folder: string;
  signal: BenchSignal;
  /** Streams, each with a connection of its own and one batch on its way at a time. */
  clients: number;
  /** Absent: as fast as answers come. Otherwise when each batch falls due, whatever became of the one before. */
  batchesPerSecond?: number;
  records: number;
}

const task = JSON.parse(process.argv[2] ?? '{}') as ClientTask;
const { signal, clients, batchesPerSecond, records } = task;
const dataDir = join(task.folder, 'data');
mkdirSync(dataDir);
const child = fork(join(import.meta.dirname, 'collector.ts'), [dataDir], {
  execArgv: [...process.execArgv, ...collectorProgram().nodeFlags],
  env: { ...process.env, ...collectorProgram().variables },
});
const { url } = await answer<{ url: string }>(child);
const { token, caFile } = JSON.parse(readFileSync(join(dataDir, 'collector', 'endpoint.json'), 'utf8'));
const ca = readFileSync(caFile);
const api = new Client(url, { connect: { ca } });
const created = await callApi<{ token: string }>('tokens', { kind: 'enroll' });
await enroll({ dataDir, collectorUrl: url, token: created.token, node: 'bench-1' });

const read = (name: string): Buffer => readFileSync(join(dataDir, 'agent', 'identity', name));
const tls = { ca, cert: read('node.crt'), key: read('node.key') };
const batches = readBatches(task.folder, signal).map((body) => ({
  body,
  crc32: checksum(body).toString(16).padStart(8, '0'),
}));
const epoch = crypto.randomUUID();
const latencies: number[] = [];

const connections = await Promise.all(Array.from({ length: clients }, openConnection));
const before = await usage();
const started = performance.now();
await Promise.all(connections.map((connection, stream) => sendStream(connection, stream)));
const acknowledgedSeconds = (performance.now() - started) / 1000;
await untilQueryable();
const queryableSeconds = (performance.now() - started) / 1000;
const after = await usage();
const figures: ClientFigures = {
  acknowledgedSeconds,
  queryableSeconds,
  p50Ms: percentile(latencies, 50),
  p99Ms: percentile(latencies, 99),
  collectorCpuSeconds: after.cpuSeconds - before.cpuSeconds,
  collectorPeakResidentBytes: after.peakResidentBytes,
};
await api.close();
child.send('stop');
await once(child, 'exit');
process.send?.(figures, () => process.exit(0));

/** Agents keep theirs; sixteen handshakes in the same moment would be most of what a p99 of some seconds sees. */
async function openConnection(): Promise<Client> {
  const connection = new Client(url, { connect: tls });
  const { body } = await connection.request({ method: 'GET', path: '/' });
  await body.dump();
  return connection;
}

/** One stream as an agent has it: batches in order, one on its way at a time. */
async function sendStream(connection: Client, stream: number): Promise<void> {
  let sequence = 0;
  for (let at = stream; at < batches.length; at += clients) {
    const batch = batches[at];
    if (!batch) throw new Error('BUG: no such batch');
    // Counted from when it fell due: a batch that had to wait for the one before it has waited.
    let dueAt = performance.now();
    if (batchesPerSecond) {
      dueAt = started + (at * 1000) / batchesPerSecond;
      await delay(Math.max(0, dueAt - performance.now()));
    }
    const { statusCode, body } = await connection.request({
      method: 'POST',
      path: `/v1/${signal}`,
      headers: {
        'content-type': 'application/x-protobuf',
        [streamHeaders.stream]: `${signal}-${stream}`,
        [streamHeaders.epoch]: epoch,
        [streamHeaders.sequence]: String(++sequence),
        [streamHeaders.crc32]: batch.crc32,
      },
      body: batch.body,
    });
    if (statusCode !== 200) throw new Error(`the collector answered ${statusCode}: ${await body.text()}`);
    await body.dump();
    latencies.push(performance.now() - dueAt);
  }
  await connection.close();
}

/**
 * Storage has taken all files, and a count through the API says so too. The folder is asked first, since counting again
 * and again would take a core from what is measured.
 */
async function untilQueryable(): Promise<void> {
  const journal = join(dataDir, 'collector', 'journal');
  const waiting = (): boolean =>
    readdirSync(journal).some((name) => name.startsWith(`${signal}-`) && name.endsWith('.journal'));
  for (;;) {
    if (!waiting()) break;
    await delay(10);
  }
  const tables = signal === 'logs' ? ['otel_logs'] : ['otel_metrics_gauge', 'otel_metrics_sum'];
  const counts = tables.map((table) => `(SELECT count() FROM ${table} WHERE Node = 'bench-1')`);
  const { rows } = await callApi<{ rows: unknown[][] | Record<string, unknown>[] }>('sql', {
    sql: `SELECT ${counts.join(' + ')} AS stored`,
  });
  const stored = Number(Object.values(rows[0] ?? {})[0]);
  if (stored !== records) throw new Error(`${records} records were acknowledged, ${stored} are stored`);
}

async function callApi<Answer>(path: string, body: object): Promise<Answer> {
  const { statusCode, body: answered } = await api.request({
    method: 'POST',
    path: `/api/v1/${path}`,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (statusCode >= 300) throw new Error(`${path}: ${statusCode} ${await answered.text()}`);
  return (await answered.json()) as Answer;
}

async function answer<Message>(from: ChildProcess): Promise<Message> {
  const [message] = await once(from, 'message');
  return message as Message;
}

function usage(): Promise<{ cpuSeconds: number; peakResidentBytes: number }> {
  child.send('usage');
  return answer(child);
}
