import { afterAll, beforeAll, expect, test } from 'vitest';
import { walkRequest } from '../../../../collector/receive/walk.ts';
import { long } from '../../../long.ts';
import { openServedStore } from './open-served-store.ts';
import { fixed64, message } from './wire.ts';

const at = BigInt(Date.now()) * 1_000_000n;
/** What becomes of the statement of an insert; the answer is a good one whatever is stored. */
let told: (sql: string) => string = (sql) => sql;
let site: Awaited<ReturnType<typeof openServedStore>>;
beforeAll(async () => {
  const rewrite = (sql: string): string => (/^INSERT INTO otel_/.test(sql) ? told(sql) : sql);
  site = await openServedStore({ rewrite });
});
afterAll(() => site.close());

const keeping = (rows: number) => (sql: string) => sql.replace(/\nFORMAT Protobuf$/, `\nLIMIT ${rows}$&`);
const honest = (sql: string) => sql;

test.each(long ? (['logs', 'traces', 'metrics'] as const) : (['logs'] as const))(
  'of a file of %s that a server says it has stored, every row must be there',
  async (signal) => {
    const times = [at, at + 1n, at + 2n];
    const items = {
      logs: () => times.map((time) => message(2, fixed64(1, time))),
      traces: () => times.map((time) => message(2, fixed64(7, time))),
      metrics: () =>
        [5, 7, 9, 10, 11].map((kind) =>
          message(2, message(kind, ...times.map((time) => message(1, fixed64(3, time))))),
        ),
    };
    const request = message(1, message(2, ...items[signal]()));
    const { records, outline } = walkRequest(signal, request);
    const file = { ...site.writeFile(signal, [request, request]), outline, records: 2 * records };
    const holds = (rows: number) => `${file.name}, but it holds ${rows} of its ${file.records} records`;
    const tables = outline.metricKinds === 0 ? 1 : 5;

    told = keeping(0);
    await expect(site.store.insertJournalFile(file)).rejects.toThrow(holds(0));
    told = honest;
    await site.store.insertJournalFile(file, { again: true });
    await site.store.insertJournalFile(file, { again: true });

    const other = { ...file, ...site.writeFile(signal, [request, request]) };
    told = keeping(4);
    await expect(site.store.insertJournalFile(other)).rejects.toThrow(`it holds ${4 * tables} of its ${file.records}`);
    told = honest;
  },
);

test('what nobody has counted is not compared, and a file without records needs no row', async () => {
  const file = site.writeFile('metrics', [Buffer.alloc(0)]);
  await site.store.insertJournalFile(file);
  await site.store.insertJournalFile({ ...file, ...walkRequest('metrics', Buffer.alloc(0)) });
});
