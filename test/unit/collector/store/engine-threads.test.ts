import { readdirSync, readFileSync } from 'node:fs';
import { getPriority } from 'node:os';
import { expect, onTestFinished, test, vi } from 'vitest';
import { unknownOutline } from '../../../../collector/store/outline.ts';
import { openStore } from './open-store.ts';
import { logsRequest } from './otlp-requests.ts';

const threads = () =>
  readdirSync('/proc/self/task').flatMap((id) => {
    try {
      const name = readFileSync(`/proc/self/task/${id}/comm`, 'utf8').trim();
      return [{ id: Number(id), name, niceness: getPriority(Number(id)) }];
    } catch {
      return [];
    }
  });

test('the threads of the engine stand behind those of Node, and merges behind everything', async () => {
  const before = threads();
  const own = getPriority(process.pid);
  const nicer = (by: number): number => Math.min(19, own + by);
  const site = await openStore();
  onTestFinished(() => site.close());
  await vi.waitFor(
    async () => {
      const request = logsRequest([{ body: 'a line' }]);
      await site.store.insertJournalFile({ ...site.writeFile('logs', [request]), outline: unknownOutline });
      const now = threads();
      const merges = now.filter(({ name }) => name === 'MergeMutate');
      expect(merges.length).toBeGreaterThan(0);
      expect(merges.filter(({ niceness }) => niceness !== nicer(10))).toEqual([]);
      expect(now.filter(({ name, niceness }) => name === 'ThreadPool' && niceness === nicer(3))).not.toEqual([]);
    },
    { timeout: 30_000, interval: 300 },
  );
  const known = new Set(before.map(({ id }) => id));
  expect(threads().filter(({ id, niceness }) => known.has(id) && niceness !== own)).toEqual([]);
});
