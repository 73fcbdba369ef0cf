import fastify from 'fastify';
import { expect, onTestFinished, test } from 'vitest';
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
