import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeEntry } from '../../../../collector/journal/entry.ts';
import { journalFileName } from '../../../../collector/journal/file-name.ts';
import { createStore } from '../../../../collector/store/clickhouse-store.ts';
import type { JournalFile, Store } from '../../../../collector/store/store.ts';
import { createLog } from '../../../../logging/log.ts';
import type { Signal } from '../../../../protocol/headers.ts';
import { settingsWith } from '../journal/settings.ts';

/** The clock of stores in tests: on the day of the rows that tests write, so that retention lets them be. */
export const testDayMs = 1_790_000_000_000;

export const mark = {
  node: 'node-1',
  stream: 'logs',
  epoch: 'e1',
  sequence: 7n,
  emptyBefore: 2n,
  receivedUnixNano: 1_790_000_000_000_000_000n,
};

/** Writes journal files of numbers that rise into a folder. */
export function fileWriter(folder: string): (signal: Signal, requests: Buffer[]) => JournalFile {
  let number = 0n;
  return (signal, requests) => {
    const name = journalFileName(signal, ++number);
    const path = join(folder, name);
    writeFileSync(path, Buffer.concat(requests.flatMap((request) => encodeEntry(request, mark))));
    return { signal, name, path };
  };
}

/** A real engine in a folder of its own, and a way to write journal files for it. */
export async function openStore(nowMs: () => number = () => testDayMs): Promise<{
  store: Store;
  folder: string;
  writeFile(signal: Signal, requests: Buffer[]): JournalFile;
  close(): Promise<void>;
}> {
  const folder = mkdtempSync(join(tmpdir(), 'sextant-store-'));
  const store = createStore({
    folder: join(folder, 'engine'),
    log: createLog('test', 'silent'),
    settings: settingsWith(),
    nowMs,
  });
  await store.start();
  return {
    store,
    folder,
    writeFile: fileWriter(folder),
    async close() {
      await store.close();
      rmSync(folder, { recursive: true });
    },
  };
}
