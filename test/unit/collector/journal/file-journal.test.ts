import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createJournal } from '../../../../collector/journal/file-journal.ts';
import { createStore } from '../../../../collector/store/clickhouse-store.ts';
import type { Store } from '../../../../collector/store/store.ts';
import { createLog } from '../../../../logging/log.ts';
import { patient } from '../../../patience.ts';
import { logsRequest } from '../store/otlp-requests.ts';
import { sequencesIn } from './memory-sequences.ts';
import { settingsWith } from './settings.ts';

const log = createLog('test', 'silent');
const root = mkdtempSync(join(tmpdir(), 'sextant-journal-'));
const settings = settingsWith({ 'collector.journal.closeAfter': 50, 'collector.storage.minFreeBytes': 0 });
let store: Store;

beforeAll(async () => {
  store = createStore({ folder: join(root, 'engine'), log, settings });
  await store.start();
});
afterAll(async () => {
  await store.close();
  rmSync(root, { recursive: true });
});

const newJournal = (folder = mkdtempSync(join(root, 'journal-')), state = sequencesIn()) =>
  createJournal({ folder, store, state, log, nowMs: Date.now, freeBytes: async () => 1e12 }, settings);

const count = async (node: string): Promise<number> => {
  const { rows } = await store.query<{ n: number }>(
    'SELECT toUInt32(count()) AS n FROM otel_logs WHERE Node = {node:String}',
    { parameters: { node } },
  );
  return rows[0]?.n ?? -1;
};

test('stores an appended batch under the node that the certificate proved', async () => {
  const folder = mkdtempSync(join(root, 'journal-'));
  const journal = newJournal(folder);
  await journal.start();
  const bytes = logsRequest([{ body: 'one' }, { body: 'two' }]);
  const numbering = { stream: 'logs', epoch: 'e1', sequence: 1n };
  expect(await journal.append({ signal: 'logs', node: 'n1', numbering, bytes, records: 2 })).toBe('stored');
  await vi.waitFor(async () => expect(await count('n1')).toBe(2), patient);
  await vi.waitFor(() => {
    expect(readdirSync(folder)).toEqual([]);
    expect(journal.stats()).toMatchObject({ backlogBytes: 0, backlogFiles: 0, storedBatches: 1, storedRecords: 2 });
  }, patient);
  await journal.close();
});

test('answers duplicate for a sequence that is durable, also after a restart', async () => {
  const folder = mkdtempSync(join(root, 'journal-'));
  const state = sequencesIn();
  const batch = (sequence: bigint) => ({
    signal: 'logs' as const,
    node: 'n2',
    numbering: { stream: 'logs', epoch: 'e1', sequence },
    bytes: logsRequest([{ body: `batch ${sequence}` }]),
    records: 1,
  });
  const first = newJournal(folder, state);
  await first.start();
  expect(await first.append(batch(1n))).toBe('stored');
  expect(await Promise.all([first.append(batch(2n)), first.append(batch(2n))])).toEqual(['stored', 'duplicate']);
  await first.close();
  // As a process that ends: what storage is still taking then ends too, before the next journal gives it the same again.
  await store.close();
  store = createStore({ folder: join(root, 'engine'), log, settings });
  await store.start();
  const second = newJournal(folder, state);
  await second.start();
  expect(await second.append(batch(2n))).toBe('duplicate');
  expect(await second.append(batch(3n))).toBe('stored');
  // Before the close: what storage has not taken within its patience waits on disk for the next start.
  await vi.waitFor(async () => expect(await count('n2')).toBe(3), patient);
  await second.close();
});

test('a journal file that somebody has removed holds up none of those behind it', async () => {
  const folder = mkdtempSync(join(root, 'journal-'));
  const journal = newJournal(folder);
  await journal.start();
  const release = await journal.holdHandover();
  const append = (body: string) =>
    journal.append({ signal: 'logs', node: 'n3', bytes: logsRequest([{ body }]), records: 1 });
  await append('removed');
  await vi.waitFor(() => expect(journal.stats().backlogFiles).toBe(1), patient);
  const [file] = readdirSync(folder);
  rmSync(join(folder, file ?? ''));
  await append('behind it');
  release();
  await vi.waitFor(async () => expect(await count('n3')).toBe(1), patient);
  await vi.waitFor(() => expect(journal.stats()).toMatchObject({ backlogBytes: 0, backlogFiles: 0 }), patient);
  await journal.close();
});
