import { afterAll, beforeAll, expect, test } from 'vitest';
import { type MigrationRunner, migrate } from '../../../../collector/store/migrations.ts';
import { startEngine } from '../query/engine.ts';

let engine: Awaited<ReturnType<typeof startEngine>>;
let runner: MigrationRunner;
beforeAll(async () => {
  engine = await startEngine();
  runner = {
    command: async (sql, { migration = '' } = {}) => {
      await engine.run(sql.replace('{migration:String}', `'${migration}'`));
    },
    query: async <Row>(sql: string) => (await engine.store.query<Row>(sql)).rows,
  };
});
afterAll(() => engine.close());

const columns = async (table: string): Promise<string[]> =>
  (await runner.query<{ name: string }>(`SELECT name FROM system.columns WHERE table = '${table}'`)).map(
    ({ name }) => name,
  );

test('tables of before get the columns that came later, in their place, and keep their rows', async () => {
  const kinds = ['gauge', 'sum', 'histogram', 'exponential_histogram', 'summary'];
  await engine.insert('otel_metrics_gauge', [{ TimeUnix: '2026-11-20 08:00:00', Node: 'n1', Sequence: 7 }]);
  const fresh = await Promise.all(kinds.map((kind) => columns(`otel_metrics_${kind}`)));
  expect(fresh[0]).toContain('EmptyBefore');
  for (const kind of kinds) await engine.run(`ALTER TABLE otel_metrics_${kind} DROP COLUMN EmptyBefore`);
  await engine.run("ALTER TABLE schema_version DELETE WHERE Migration > '0001' SETTINGS mutations_sync = 1");
  for (const _ of ['once', 'again']) {
    await migrate(runner);
    expect(await Promise.all(kinds.map((kind) => columns(`otel_metrics_${kind}`)))).toEqual(fresh);
  }
  expect(await runner.query('SELECT Node, Sequence, EmptyBefore FROM otel_metrics_gauge')).toEqual([
    { Node: 'n1', Sequence: 7, EmptyBefore: 0 },
  ]);
});
