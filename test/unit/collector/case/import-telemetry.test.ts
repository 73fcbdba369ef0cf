import { expect, test } from 'vitest';
import type { BundleEntry } from '../../../../bundle/sound-bundle.ts';
import { importTelemetry } from '../../../../collector/case/import-telemetry.ts';
import { openStore } from '../store/open-store.ts';

const line = (channel: string): string =>
  `${JSON.stringify({ timestamp: '2026-09-21T11:20:00Z', node: 'n', severity: 'info', body: 'again', attributes: { 'log.file.path': channel } })}\n`;
const entry = (path: string, text: string): BundleEntry => ({
  ...{ base: 'telemetry', volume: 'telemetry.v001.zip', path, bytes: text.length, modifiedMs: 0, continues: false },
  content: async () =>
    (async function* () {
      yield Buffer.from(text);
    })(),
});

test('equal records of one moment stay apart where a channel goes on in another file, with one of others between', async () => {
  const { store, writeFile, close } = await openStore();
  try {
    const telemetry = importTelemetry({
      journal: {
        append: async ({ bytes }) => {
          await store.insertJournalFile(writeFile('logs', [bytes]));
          return 'stored';
        },
      },
      epoch: 'b1',
      nodeOf: (node) => node,
    });
    await telemetry.take(entry('logs/n/files/a/20260921T11.ndjson', line('/a').repeat(2)), 'logs');
    await telemetry.take(entry('logs/n/files/b/20260921T11.ndjson', line('/b')), 'logs');
    await telemetry.take(entry('logs/n/files/a/20260921T11~2.ndjson', line('/a')), 'logs');
    await telemetry.finish();
    const { rows } = await store.query<{ path: string; records: string; names: string }>(
      `SELECT LogAttributes['log.file.path'] AS path, count() AS records, uniqExact(LogAttributes['log.record.uid']) AS names
       FROM otel_logs GROUP BY path ORDER BY path`,
    );
    expect(rows.map(({ path, records, names }) => [path, Number(records), Number(names)])).toEqual([
      ['/a', 3, 3],
      ['/b', 1, 1],
    ]);
  } finally {
    await close();
  }
});
