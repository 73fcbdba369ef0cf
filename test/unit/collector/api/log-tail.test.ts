import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { logTailRoutes } from '../../../../collector/api/log-tail-routes.ts';
import { logRoutes } from '../../../../collector/api/logs-routes.ts';
import type { Queries } from '../../../../collector/query/ask.ts';
import { patient } from '../../../patience.ts';
import { startEngine } from '../query/engine.ts';
import { startSite } from './site.ts';

let engine: Awaited<ReturnType<typeof startEngine>>;
beforeAll(async () => {
  engine = await startEngine();
});
afterAll(() => engine.close());

const arrive = (label: string, records = 1, bytes = 1) =>
  engine.run(`
    INSERT INTO otel_logs (Timestamp, Body, Node, Epoch, Sequence, ReceivedAt, SeverityNumber)
    SELECT now64(9), concat('${label} ', toString(number), repeat(' ', ${bytes})), 'n1', 'e', 1,
      now64(9), 17 FROM numbers(${records})`);

async function site(over: Partial<Parameters<typeof logTailRoutes>[0]> = {}) {
  const plugins = [logTailRoutes({ store: engine.store, lookEveryMs: 20, ...over })];
  return startSite({ plugins });
}

interface Told {
  id?: string;
  event?: string;
  data?: { body: string; severity: string } & { records: number };
}

/** A reader as the browser's EventSource is one: fields of each event; comments counted. */
async function watch(at: Awaited<ReturnType<typeof site>>, query: string, headers: Record<string, string> = {}) {
  const told: Told[] = [];
  const seen = { comments: 0, ended: false };
  const call = request({
    host: '127.0.0.1',
    port: at.port,
    path: `/api/v1/logs/tail?${query}`,
    ca: at.authority.certificatePem,
    agent: false,
    headers: { ...at.asAdministrator, ...headers },
  });
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    call.on('response', resolve).on('error', reject).end();
  });
  let rest = '';
  const take = (chunk: Buffer) => {
    const parts = (rest + chunk).split('\n\n');
    rest = parts.pop() ?? '';
    for (const part of parts) {
      if (part.startsWith(':')) seen.comments += 1;
      const fields = Object.fromEntries(
        part.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
      );
      if (fields.data) told.push({ ...fields, data: JSON.parse(fields.data) });
    }
  };
  response.on('close', () => {
    seen.ended = true;
  });
  response.on('error', () => {});
  call.on('error', () => {});
  onTestFinished(() => {
    call.destroy();
  });
  const begin = () => response.on('data', take);
  const bodies = () => told.map((one) => one.data?.body?.trim());
  return { told, seen, bodies, call, response, begin };
}

test('records come as events while they arrive, narrowed by the same parameters, in order', async () => {
  const at = await site();
  await arrive('before');
  const reader = await watch(at, 'q=alpha&severity=error');
  expect(reader.response.headers['content-type']).toBe('text/event-stream; charset=utf-8');
  expect(reader.response.headers['cache-control']).toBe('no-store');
  reader.begin();
  await arrive('alpha', 3);
  await arrive('beta');
  await arrive('alpha later');
  await expect.poll(reader.bodies, patient).toEqual(['alpha 0', 'alpha 1', 'alpha 2', 'alpha later 0']);
});

test('a reader that comes again with the last id gets what it missed, and nothing twice', async () => {
  const at = await site();
  const first = await watch(at, 'q=resume');
  first.begin();
  await arrive('resume', 3);
  await expect.poll(first.bodies, patient).toHaveLength(3);
  first.call.destroy();
  await arrive('resume missed', 2);
  const second = await watch(at, 'q=resume', { 'last-event-id': first.told[1]?.id ?? '' });
  second.begin();
  await expect.poll(second.bodies, patient).toEqual(['resume 2', 'resume missed 0', 'resume missed 1']);
  await arrive('resume live');
  await expect.poll(second.bodies, patient).toHaveLength(4);
  const third = await watch(at, `q=resume&lastEventId=${second.told[3]?.id}`);
  third.begin();
  await arrive('resume last');
  await expect.poll(third.bodies, patient).toEqual(['resume last 0']);
});

test('heartbeats show that a quiet connection lives', async () => {
  const reader = await watch(await site({ heartbeatMs: 30 }), 'q=nothing-ever');
  reader.begin();
  await expect.poll(() => reader.seen.comments, patient).toBeGreaterThan(2);
});

test('a reader that falls back too far is told how much it lost, and goes on with what is new', async () => {
  const clock = { aheadMs: 0 };
  const reader = await watch(await site({ maxBehindMs: 5000, nowMs: () => Date.now() + clock.aheadMs }), 'q=flood');
  // 60 MB: more than the connection holds while nobody reads.
  await arrive('flood', 3000, 20_000);
  await expect.poll(() => reader.response.readableLength, patient).toBeGreaterThan(0);
  clock.aheadMs = 20_000;
  reader.begin();
  await expect.poll(() => reader.told.find((one) => one.event === 'dropped'), patient).toBeDefined();
  const dropped = reader.told.find((one) => one.event === 'dropped')?.data?.records ?? 0;
  const got = reader.told.filter((one) => one.id).length;
  expect(got).toBeGreaterThanOrEqual(1000);
  expect(dropped).toBeGreaterThan(0);
  clock.aheadMs = 0;
});

test('a reader that takes nothing is cut off', async () => {
  const at = await site({ stalledMs: 200 });
  const reader = await watch(at, 'q=stalled');
  await arrive('stalled', 3000, 20_000);
  const connections = () => new Promise((resolve) => at.server.app.server.getConnections((_, count) => resolve(count)));
  expect(await connections()).toBe(1);
  await expect.poll(connections, patient).toBe(0);
  expect(reader.seen.ended).toBe(false);
});

test('a reader that hangs up ends the work that was done for it', async () => {
  let asked = 0;
  const store: Queries = {
    query: (sql, options) => {
      asked += 1;
      return engine.store.query(sql, options);
    },
  };
  const reader = await watch(await site({ store }), '');
  await expect.poll(() => asked, patient).toBeGreaterThan(2);
  reader.call.destroy();
  let before = -1;
  await expect
    .poll(
      () => {
        const same = asked === before;
        before = asked;
        return same;
      },
      { ...patient, interval: 100 },
    )
    .toBe(true);
});

test('who asks for the head of what has no end starts nothing', async () => {
  let asked = 0;
  const store: Queries = {
    query: (sql, options) => {
      asked += 1;
      return engine.store.query(sql, options);
    },
  };
  const at = await startSite({ plugins: [logTailRoutes({ store, lookEveryMs: 20 }), logRoutes({ store })] });
  const headers = { ...at.asAdministrator, accept: 'application/x-ndjson' };
  for (const path of ['/api/v1/logs/tail', '/api/v1/logs?follow=true']) {
    expect((await at.call('HEAD', path, { headers })).status).toBe(404);
  }
  expect(asked).toBe(0);
});

test.each([
  ['q=(a', 'q: column 1'],
  ['lastEventId=nonsense', 'Last-Event-ID: is not one that this collector gave'],
])('refuses %s before the stream begins', async (query, message) => {
  const at = await site();
  const answer = await at.call('GET', `/api/v1/logs/tail?${query}`, { headers: at.asAdministrator });
  expect([answer.status, answer.json.error.message]).toEqual([400, expect.stringContaining(message)]);
});

test('has a bound on readers', async () => {
  const at = await site();
  for (let reader = 0; reader < 32; reader += 1) await watch(at, 'q=nothing-ever');
  const answer = await at.call('GET', '/api/v1/logs/tail', { headers: at.asAdministrator });
  expect([answer.status, answer.json.error.code]).toEqual([429, 'SX_TOO_OFTEN']);
});
