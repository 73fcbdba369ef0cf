import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'undici';
import { enroll } from '../../../agent/identity/enroll.ts';
import { checksum } from '../../../protocol/batch.ts';
import { streamHeaders } from '../../../protocol/headers.ts';
import { readBatches } from './batches.ts';

export interface ClientFigures {
  acknowledgedSeconds: number;
  queryableSeconds: number;
  p50Ms: number;
  p99Ms: number;
  collectorCpuSeconds: number;
  collectorResidentBytes: number;
}

const folder = process.argv[2] ?? '';
const dataDir = join(folder, 'data');
const streams = 4;

mkdirSync(dataDir);
const child = fork(join(import.meta.dirname, 'collector.ts'), [dataDir], {
  env: { ...process.env, UV_THREADPOOL_SIZE: '16' },
});
const { url } = await answer<{ url: string }>(child);
const { token, caFile } = JSON.parse(readFileSync(join(dataDir, 'collector', 'endpoint.json'), 'utf8'));
const ca = readFileSync(caFile);
const api = new Client(url, { connect: { ca } });
const created = await callApi<{ token: string }>('POST', 'tokens', { kind: 'enroll' });
await enroll({ dataDir, collectorUrl: url, token: created.token, node: 'bench-1' });

const read = (name: string): Buffer => readFileSync(join(dataDir, 'agent', 'identity', name));
const tls = { ca, cert: read('node.crt'), key: read('node.key') };
const batches = readBatches(join(folder, 'batches')).map((body) => ({
  body,
  crc32: checksum(body).toString(16).padStart(8, '0'),
}));
const epoch = crypto.randomUUID();
const latencies: number[] = [];

const before = await usage();
const started = performance.now();
await Promise.all(Array.from({ length: streams }, (_, stream) => sendStream(stream)));
const acknowledgedSeconds = (performance.now() - started) / 1000;
await untilQueryable(batches.length);
const queryableSeconds = (performance.now() - started) / 1000;
const after = await usage();

latencies.sort((a, b) => a - b);
const figures: ClientFigures = {
  acknowledgedSeconds,
  queryableSeconds,
  p50Ms: latencies[Math.floor(latencies.length * 0.5)] ?? 0,
  p99Ms: latencies[Math.floor(latencies.length * 0.99)] ?? 0,
  collectorCpuSeconds: after.cpuSeconds - before.cpuSeconds,
  collectorResidentBytes: after.residentBytes,
};
await api.close();
child.send('stop');
await once(child, 'exit');
process.send?.(figures, () => process.exit(0));

/** One stream as an agent has it: batches in order, one on its way at a time. */
async function sendStream(stream: number): Promise<void> {
  const connection = new Client(url, { connect: tls });
  let sequence = 0;
  for (let at = stream; at < batches.length; at += streams) {
    const batch = batches[at];
    if (!batch) throw new Error('BUG: no such batch');
    const sentAt = performance.now();
    const { statusCode, body } = await connection.request({
      method: 'POST',
      path: '/v1/logs',
      headers: {
        'content-type': 'application/x-protobuf',
        [streamHeaders.stream]: `logs-${stream}`,
        [streamHeaders.epoch]: epoch,
        [streamHeaders.sequence]: String(++sequence),
        [streamHeaders.crc32]: batch.crc32,
      },
      body: batch.body,
    });
    if (statusCode !== 200) throw new Error(`the collector answered ${statusCode}: ${await body.text()}`);
    await body.dump();
    latencies.push(performance.now() - sentAt);
  }
  await connection.close();
}

/**
 * The end is seen through the API: the newest record is there, and then as many as were sent. Looking for the newest
 * costs the engine next to nothing; counting again and again would take a core from what is measured.
 */
async function untilQueryable(sent: number): Promise<void> {
  const newest = `${sent - 1}-999`;
  for (;;) {
    const { records } = await callApi<{ records: { attributes: Record<string, string> }[] }>(
      'GET',
      'logs?since=24h&node=bench-1&limit=1',
    );
    if (records[0]?.attributes['log.record.uid'] === newest && (await countStored()) >= sent * 1000) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function countStored(): Promise<number> {
  const { buckets } = await callApi<{ buckets: { counts: Record<string, number> }[] }>(
    'GET',
    'logs/histogram?since=24h&node=bench-1&buckets=10',
  );
  return buckets.flatMap(({ counts }) => Object.values(counts)).reduce((sum, one) => sum + one, 0);
}

async function callApi<Answer>(method: 'GET' | 'POST', path: string, body?: object): Promise<Answer> {
  const { statusCode, body: answered } = await api.request({
    method,
    path: `/api/v1/${path}`,
    headers: { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
  });
  if (statusCode >= 300) throw new Error(`${path}: ${statusCode} ${await answered.text()}`);
  return (await answered.json()) as Answer;
}

async function answer<Message>(from: ChildProcess): Promise<Message> {
  const [message] = await once(from, 'message');
  return message as Message;
}

function usage(): Promise<{ cpuSeconds: number; residentBytes: number }> {
  child.send('usage');
  return answer(child);
}
