import { pino } from 'pino';
import { expect, test } from 'vitest';
import { createFileQuestions } from '../../../../../agent/filesystems/file-questions.ts';
import type { FollowedFile } from '../../../../../agent/sources/files/followed-file.ts';
import { createReader, type ReaderOptions } from '../../../../../agent/sources/files/reader.ts';
import { createRegistry } from '../../../../../agent/sources/files/registry.ts';

test('a read that comes back when its source was closed hands out nothing and marks nothing: another reads the file', async () => {
  const registry = createRegistry();
  const hanging = Promise.withResolvers<{ kind: 'data'; length: number; more: boolean }>();
  const file = {
    ...{ key: 'file:1:1', path: '/mnt/share/a.log', position: { offset: 0 }, lastSize: 100, lastGrowthMs: 0 },
    look: () => hanging.promise,
  } as unknown as FollowedFile;
  const done: string[] = [];
  const options = {
    ...{ registry, pollEveryMs: 250, bufferBytes: 1024, nowMs: Date.now, log: pino({ level: 'silent' }) },
    questions: createFileQuestions({ most: 4 }),
    logs: { mark: () => done.push('mark'), ready: async () => {} },
    emit() {
      done.push('emit');
      return { records: 1, consumed: 10, flushAfterMs: undefined };
    },
    isWatched: () => true,
    onRecords: () => done.push('records'),
  } as unknown as ReaderOptions;
  const reader = createReader(options);
  registry.add(file, Date.now() - 1, 250);
  const reading = reader.readDue();
  reader.stop();
  for (const entry of [...registry.all()]) registry.drop(entry);
  hanging.resolve({ kind: 'data', length: 10, more: false });
  await reading;
  expect(done).toEqual([]);
});
