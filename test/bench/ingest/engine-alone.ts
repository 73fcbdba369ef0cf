import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeEntry } from '../../../collector/journal/entry.ts';
import { journalFileName } from '../../../collector/journal/file-name.ts';
import { walkRequest } from '../../../collector/receive/walk.ts';
import { createStore } from '../../../collector/store/clickhouse-store.ts';
import { emptyOutline, joinOutlines } from '../../../collector/store/outline.ts';
import type { JournalFile } from '../../../collector/store/store.ts';
import { loadSettings } from '../../../config/load.ts';
import { createLog } from '../../../logging/log.ts';
import { readBatches } from './batches.ts';

export interface EngineFigures {
  seconds: number;
  cpuSeconds: number;
}

const folder = process.argv[2] ?? '';
const settings = loadSettings({ dataDir: folder });
const closeAfterBytes = settings['collector.journal.closeAfterBytes'];

/** The same files that the journal would close, written before the clock starts. */
function writeFiles(): JournalFile[] {
  const target = join(folder, 'files');
  mkdirSync(target);
  const files: JournalFile[] = [];
  let pieces: Buffer[] = [];
  let bytes = 0;
  let outline = emptyOutline;
  const close = (): void => {
    const name = journalFileName('logs', BigInt(files.length + 1));
    const path = join(target, name);
    writeFileSync(path, Buffer.concat(pieces));
    files.push({ name, path, signal: 'logs', outline });
    pieces = [];
    bytes = 0;
    outline = emptyOutline;
  };
  const receivedUnixNano = BigInt(Date.now()) * 1_000_000n;
  for (const [at, otlp] of readBatches(join(folder, 'batches')).entries()) {
    const mark = { node: 'bench', stream: 'logs', epoch: 'e', sequence: BigInt(at + 1), receivedUnixNano };
    pieces.push(...encodeEntry(otlp, mark));
    bytes += otlp.length;
    outline = joinOutlines(outline, walkRequest('logs', otlp).outline);
    if (bytes >= closeAfterBytes) close();
  }
  if (pieces.length > 0) close();
  return files;
}

const files = writeFiles();
const store = createStore({ folder: join(folder, 'engine-alone'), log: createLog('bench', 'error'), settings });
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
