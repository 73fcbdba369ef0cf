import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createJournal } from '../../collector/journal/file-journal.ts';
import { createStore } from '../../collector/store/clickhouse-store.ts';
import { createLog } from '../../logging/log.ts';
import { sequencesIn } from '../unit/collector/journal/memory-sequences.ts';
import { settingsWith } from '../unit/collector/journal/settings.ts';
import { logsRequest } from '../unit/collector/store/otlp-requests.ts';

test('a clock that jumps an hour back loses nothing and doubles nothing, while it runs and over a restart', async () => {
  const root = mkdtempSync(join(tmpdir(), 'sextant-clock-'));
  const log = createLog('test', 'silent');
  const settings = settingsWith({ 'collector.journal.closeAfter': 50, 'collector.storage.minFreeBytes': 0 });
  let clockMs = Date.now();
  const nowMs = () => clockMs;
  const freeBytes = async () => 1e12;
  const state = sequencesIn(join(root, 'state.db'));
  async function open() {
    const store = createStore({ folder: join(root, 'engine'), log, settings, nowMs });
    await store.start();
    const journal = createJournal({ folder: join(root, 'journal'), store, state, log, nowMs, freeBytes }, settings);
    await journal.start();
    return { store, journal };
  }
  let running = await open();
  const close = async () => {
    await running.journal.close();
    await running.store.close();
  };
  onTestFinished(async () => {
    await close();
    rmSync(root, { recursive: true, force: true });
  });
  const send = (sequence: bigint) => {
    const bytes = logsRequest([{ body: `batch ${sequence}`, unixMs: clockMs }]);
    const numbering = { stream: 'logs', epoch: 'e', sequence };
    return running.journal.append({ signal: 'logs', node: 'n1', numbering, bytes, records: 1 });
  };
  const stored = async () =>
    (
      await running.store.query<{ sequence: number; file: number }>(
        'SELECT toUInt32(Sequence) AS sequence, toFloat64(JournalFile) AS file FROM otel_logs ORDER BY sequence',
      )
    ).rows;

  expect(await send(1n)).toBe('stored');
  await vi.waitFor(async () => expect(await stored()).toHaveLength(1), { timeout: 30_000, interval: 100 });
  clockMs -= 3_600_000;
  expect(await send(1n)).toBe('duplicate');
  expect(await send(2n)).toBe('stored');
  await vi.waitFor(async () => expect(await stored()).toHaveLength(2), { timeout: 30_000, interval: 100 });

  // The next start finds the clock yet another hour back, and nothing in the journal to count on from.
  await close();
  clockMs -= 3_600_000;
  running = await open();
  expect(await send(2n)).toBe('duplicate');
  expect(await send(3n)).toBe('stored');
  await vi.waitFor(async () => expect(await stored()).toHaveLength(3), { timeout: 30_000, interval: 100 });
  const rows = await stored();
  expect(rows.map(({ sequence }) => sequence)).toEqual([1, 2, 3]);
  expect(rows.map(({ file }) => file)).toEqual([...new Set(rows.map(({ file }) => file))].sort((a, b) => a - b));
}, 90_000);
