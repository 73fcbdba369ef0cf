import { join, resolve } from 'node:path';
import { createJournal } from '../../../collector/journal/file-journal.ts';
import { createSequenceStore } from '../../../collector/state/sequences.ts';
import { openState } from '../../../collector/state/state.ts';
import { createStore } from '../../../collector/store/clickhouse-store.ts';
import { restoreBackup } from '../../../collector/upkeep/restore.ts';
import { createLog } from '../../../logging/log.ts';
import { settingsWith } from '../../unit/collector/journal/settings.ts';

// Restores a backup, starts what it holds, and prints the sequences of the stored batches once the journal is empty.
const [source = '', dataDir = ''] = process.argv.slice(2).map((path) => resolve(path));
const log = createLog('test', 'silent');
const settings = settingsWith({ 'collector.storage.minFreeBytes': 0 });
await restoreBackup({ dataDir, settings, log }, source, () => {});

const folder = join(dataDir, 'collector');
const state = openState(folder, { nowMs: Date.now });
const store = createStore({ folder: join(folder, 'engine'), log, settings });
await store.start();
const sequences = createSequenceStore(state.database);
const freeBytes = async () => 1e12;
const journal = createJournal(
  { folder: join(folder, 'journal'), store, state: sequences, log, nowMs: Date.now, freeBytes },
  settings,
);
await journal.start();
while (journal.stats().backlogFiles > 0) await new Promise((done) => setTimeout(done, 50));
const { rows } = await store.query<{ sequence: number }>(
  'SELECT toUInt32(Sequence) AS sequence FROM otel_logs ORDER BY sequence',
);
await new Promise<void>((done) =>
  process.stdout.write(`${JSON.stringify(rows.map((row) => row.sequence))}\n`, () => done()),
);
process.kill(process.pid, 'SIGKILL');
