import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { createJournal } from '../../../collector/journal/file-journal.ts';
import { walkRequest } from '../../../collector/receive/walk.ts';
import { createSequenceStore } from '../../../collector/state/sequences.ts';
import { createStore } from '../../../collector/store/clickhouse-store.ts';
import { freeBytes } from '../../../durable/free-space.ts';
import { createLog } from '../../../logging/log.ts';
import { settingsWith } from '../../unit/collector/journal/settings.ts';
import { logsRequest } from '../../unit/collector/store/otlp-requests.ts';
import { double, fixed64, message, pair } from '../../unit/collector/store/wire.ts';

/**
 * Journal and engine in a process that may be killed at any time. It sends batches to itself, one stream of logs and
 * one of metrics, from the sequences and with files of the size that its parent names, and tells its parent of each answer. Told `finish`, it
 * waits until everything is stored and tells how many rows there are of every sequence.
 */
const recordsPerBatch = 20;
const dayMs = 86_400_000;

const folder = process.argv[2] ?? '';
const start: Record<Kind, number> = JSON.parse(process.argv[3] ?? '{}');
type Kind = 'logs' | 'metrics';

const settings = settingsWith({
  'collector.journal.closeAfter': 60,
  'collector.journal.closeAfterBytes': Number(process.argv[4]),
  'collector.storage.minFreeBytes': 0,
});
const log = createLog('journal-process', 'error');
const database = new DatabaseSync(join(folder, 'state.db'));
database.exec('PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL');
const store = createStore({ folder: join(folder, 'engine'), log, settings });
await store.start();
const journal = createJournal(
  {
    folder: join(folder, 'journal'),
    store,
    state: createSequenceStore(database),
    log,
    nowMs: Date.now,
    freeBytes: () => freeBytes(folder),
  },
  settings,
);
await journal.start();

/** Rows of two days in each batch: a file becomes parts in two partitions, and a kill may come between them. */
function request(kind: Kind): Buffer {
  const time = (at: number): number => Date.now() - (at % 2) * dayMs;
  if (kind === 'logs') {
    return logsRequest(Array.from({ length: recordsPerBatch }, (_, at) => ({ body: `line ${at}`, unixMs: time(at) })));
  }
  const point = (at: number): Buffer =>
    message(1, pair(7, 'at', String(at)), fixed64(3, BigInt(time(at)) * 1_000_000n), double(4, at));
  const points = Array.from({ length: recordsPerBatch / 2 }, (_, at) => point(at));
  return message(1, message(2, message(2, message(5, ...points)), message(2, message(7, ...points))));
}

let finishing = false;
async function send(kind: Kind): Promise<void> {
  for (let sequence = start[kind]; !finishing; sequence++) {
    const bytes = request(kind);
    const { records, outline } = walkRequest(kind, bytes);
    const numbering = { stream: kind, epoch: 'e1', sequence: BigInt(sequence) };
    await journal.append({ signal: kind, node: 'n1', numbering, bytes, records, outline });
    process.send?.({ acknowledged: kind, sequence });
    // Under load, not under water: what is left at the end has to be stored before it can be counted.
    await delay(5);
  }
}
const sending = Promise.all([send('logs'), send('metrics')]);

process.on('message', async (told) => {
  if (told !== 'finish') return;
  finishing = true;
  await sending;
  while (journal.stats().backlogBytes > 0) await delay(20);
  const count = async (tables: string[]): Promise<[number, number][]> => {
    const parts = tables.map((table) => `SELECT Sequence FROM ${table}`).join(' UNION ALL ');
    const { rows } = await store.query<{ sequence: number; stored: number }>(
      `SELECT toUInt32(Sequence) AS sequence, toUInt32(count()) AS stored FROM (${parts}) GROUP BY sequence`,
    );
    return rows.map(({ sequence, stored }) => [sequence, stored]);
  };
  process.send?.({
    logs: await count(['otel_logs']),
    metrics: await count(['otel_metrics_gauge', 'otel_metrics_sum']),
    quarantined: journal.stats().quarantinedBatches,
  });
  await journal.close();
  await store.close();
  process.exit(0);
});
