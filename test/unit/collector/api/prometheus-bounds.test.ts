import { connect, type Socket } from 'node:net';
import fastify from 'fastify';
import { expect, onTestFinished, test, vi } from 'vitest';
import { loadLanguage, prometheusRoutes } from '../../../../collector/api/prometheus-routes.ts';

type Options = Omit<Parameters<typeof prometheusRoutes>[0], 'store'>;

/** The routes alone, over a storage that has nothing. */
function server(options: Options = {}) {
  const store = { query: async () => ({ rows: [], rowsRead: 0, bytesRead: 0 }) };
  const app = fastify({ forceCloseConnections: true });
  app.decorate('requireUser', async () => {});
  app.register(prometheusRoutes({ store, ...options }));
  onTestFinished(() => app.close());
  return app;
}

test('an evaluator that could not be loaded once is loaded when it is asked for again', async () => {
  let failures = 2;
  const load = async () => {
    if (failures-- > 0) throw new Error('EMFILE: too many open files');
    return loadLanguage();
  };
  const app = server({ load });
  const statuses: number[] = [];
  for (let asked = 0; asked < 4; asked++) {
    statuses.push((await app.inject('/prometheus/api/v1/query?query=1')).statusCode);
  }
  expect(statuses).toEqual([500, 500, 200, 200]);
  expect(failures).toBe(-1);
});

/** Far more than what the system keeps of a connection: 12 MB. */
const large = new URLSearchParams({
  query: Array.from({ length: 38 }, (_, index) => `label_replace(vector(time()), "a", "${index}", "", "")`).join(
    ' or ',
  ),
  start: '1700000000',
  end: '1700010999',
  step: '1',
}).toString();

/** Asks for it by a connection that is not read from, once its answer has begun to come. */
async function unread(app: ReturnType<typeof server>): Promise<Socket> {
  const url = new URL(await app.listen({ port: 0, host: '127.0.0.1' }));
  const socket = connect(Number(url.port), '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  socket.on('error', () => {});
  socket.write(`GET /prometheus/api/v1/query_range?${large} HTTP/1.1\r\nhost: x\r\n\r\n`);
  await new Promise((resolve) => socket.once('readable', resolve));
  return socket;
}

test('a reader that takes nothing is cut off', async () => {
  const app = server({ stalledMs: 100 });
  await unread(app);
  const connections = () => new Promise((resolve) => app.server.getConnections((_error, count) => resolve(count)));
  await vi.waitFor(async () => expect(await connections()).toBe(0), { timeout: 20_000 });
});

test('queries wait while answers before them are not taken', async () => {
  const app = server({ unsentBytes: 1 });
  const small = (timeout: string) => app.inject(`/prometheus/api/v1/query?query=1&timeout=${timeout}`);
  expect((await small('20s')).statusCode).toBe(200);
  const socket = await unread(app);
  const refused = await small('50ms');
  expect([refused.statusCode, refused.json().errorType]).toEqual([503, 'timeout']);
  const waiting = small('20s');
  socket.destroy();
  expect((await waiting).statusCode).toBe(200);
});

test('a long answer comes whole', async () => {
  const answer = await server().inject(`/prometheus/api/v1/query_range?${large}`);
  const { result } = answer.json().data;
  expect(result).toHaveLength(38);
  expect(result.every(({ values }: { values: unknown[] }) => values.length === 11_000)).toBe(true);
});

// A piece ends within a character of one of them.
test.each(['', 'x'])('an answer is put together from its pieces: %s', async (before) => {
  const label = before + 'ä'.repeat(60_000);
  const answer = await server().inject({
    method: 'POST',
    url: '/prometheus/api/v1/query',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    payload: new URLSearchParams({ query: `label_replace(vector(1), "a", "${label}", "", "")` }).toString(),
  });
  expect(answer.json().data.result[0].metric.a === label).toBe(true);
});
