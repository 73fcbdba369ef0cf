import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createStore } from '../../../collector/store/clickhouse-store.ts';
import type { JournalFile } from '../../../collector/store/store.ts';
import { loadSettings } from '../../../config/load.ts';
import { createLog } from '../../../logging/log.ts';
import { createFileWriter, type NodeBatch } from '../workload/stored-files.ts';
import { type BenchSignal, readBatches } from './batches.ts';

export interface EngineFigures {
  seconds: number;
  cpuSeconds: number;
}

/** The engine alone: the same files that the journal would close, written before the clock starts, one after the other. */
const [folder = '', signal = 'logs'] = process.argv.slice(2) as [string?, BenchSignal?];
const settings = loadSettings({ dataDir: folder });
const target = join(folder, 'engine-alone');
mkdirSync(target);

function writeFiles(): JournalFile[] {
  const write = createFileWriter(target, signal);
  const files: JournalFile[] = [];
  let waiting: NodeBatch[] = [];
  let bytes = 0;
  for (const otlp of readBatches(folder, signal)) {
    waiting.push({ node: 'bench', otlp, receivedUnixMs: Date.now() });
    bytes += otlp.length;
    if (bytes < settings['collector.journal.closeAfterBytes']) continue;
    files.push(write(waiting));
    waiting = [];
    bytes = 0;
  }
  if (waiting.length > 0) files.push(write(waiting));
  return files;
}

const files = writeFiles();
const store = createStore({ folder: join(target, 'engine'), log: createLog('bench', 'error'), settings });
await store.start();
const started = performance.now();
const cpu = process.cpuUsage();
for (const file of files) await store.insertJournalFile(file);
const used = process.cpuUsage(cpu);
const figures: EngineFigures = {
  seconds: (performance.now() - started) / 1000,
  cpuSeconds: (used.user + used.system) / 1e6,
};
await store.close();
process.send?.(figures, () => process.exit(0));
