import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createJournal } from '../../../../collector/journal/file-journal.ts';
import type { Journal } from '../../../../collector/journal/journal.ts';
import { walkRequest } from '../../../../collector/receive/walk.ts';
import { createSequenceStore } from '../../../../collector/state/sequences.ts';
import { openState, type State } from '../../../../collector/state/state.ts';
import { createStore } from '../../../../collector/store/clickhouse-store.ts';
import type { Store } from '../../../../collector/store/store.ts';
import { writeBackup } from '../../../../collector/upkeep/backup.ts';
import { checkCollector } from '../../../../collector/upkeep/check.ts';
import { readUsage, scatteredPartitions } from '../../../../collector/upkeep/storage.ts';
import { createUpkeep } from '../../../../collector/upkeep/upkeep.ts';
import { createLog } from '../../../../logging/log.ts';
import { settingsWith } from '../journal/settings.ts';
import { logsRequest } from '../store/otlp-requests.ts';

const log = createLog('test', 'silent');
const root = mkdtempSync(join(tmpdir(), 'sextant-backup-'));
const settings = settingsWith({ 'collector.journal.closeAfter': 50, 'collector.storage.minFreeBytes': 0 });

interface Site {
  folder: string;
  store: Store;
  journal: Journal;
  state: State;
  close(): Promise<void>;
}
async function openSite(folder: string): Promise<Site> {
  const state = openState(folder, { nowMs: Date.now });
  const store = createStore({ folder: join(folder, 'engine'), log, settings });
  await store.start();
  const journal = createJournal(
    {
      folder: join(folder, 'journal'),
      store,
      state: createSequenceStore(state.database),
      log,
      nowMs: Date.now,
      freeBytes: async () => 1e12,
    },
    settings,
  );
  await journal.start();
  const close = async () => {
    await journal.close();
    await store.close();
    state.close();
  };
  return { folder, store, journal, state, close };
}

let site: Site;
beforeAll(async () => {
  site = await openSite(join(root, 'first', 'collector'));
  mkdirSync(join(site.folder, 'ca'));
  writeFileSync(join(site.folder, 'ca', 'ca.crt'), 'the authority');
});
afterAll(async () => {
  await site.close();
  rmSync(root, { recursive: true, force: true });
});

let sequence = 0n;
let acknowledged = 0n;
async function send(): Promise<void> {
  const next = ++sequence;
  const bytes = logsRequest([{ body: `batch ${next}` }]);
  const numbering = { stream: 'logs', epoch: 'e', sequence: next };
  await site.journal.append({ signal: 'logs', node: 'n1', numbering, bytes, ...walkRequest('logs', bytes) });
  acknowledged = next;
}
const backupOf = (target: string) =>
  writeBackup({ ...site, database: site.state.database, nowMs: Date.now }, target, () => {});

test('a backup under load holds every batch that was acknowledged before it began, once', async () => {
  let load = true;
  const sender = (async () => {
    while (load) await send();
  })();
  // Some are in storage by then, some in the journal.
  const stored = async () => (await site.store.query('SELECT 1 FROM otel_logs')).rows.length;
  await vi.waitFor(async () => expect(await stored()).toBeGreaterThan(50), { timeout: 20_000, interval: 100 });
  const before = acknowledged;
  const target = join(root, 'backup');
  const done = await backupOf(target);
  expect(acknowledged).toBeGreaterThan(before);
  load = false;
  await sender;
  expect(done).toMatchObject({ step: 'done' });

  // The engine takes one folder for a process, so that the restored collector lives in another.
  const restored = await restoredSequences(target, join(root, 'second'));
  const expected = Array.from({ length: Number(before) }, (_, index) => index + 1);
  expect(restored.slice(0, expected.length)).toEqual(expected);
  expect(new Set(restored).size).toBe(restored.length);
}, 60_000);

async function restoredSequences(target: string, dataDir: string): Promise<number[]> {
  const { execFile } = await import('node:child_process');
  const { promisify } = await import('node:util');
  const program = join(import.meta.dirname, '../../../faults/collector/restored-sequences.ts');
  // It ends itself with SIGKILL, as the collector does: the engine's exit handlers may wait for ever.
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [program, target, dataDir]).catch(
    (error: { stdout: string; stderr: string }) => error,
  );
  const last = stdout.trim().split('\n').at(-1);
  if (!last) throw new Error(`the restored collector said nothing: ${stderr}`);
  return JSON.parse(last) as number[];
}

test('a restore refuses a folder that has a collector, and a backup that was changed', async () => {
  const { restoreBackup } = await import('../../../../collector/upkeep/restore.ts');
  const target = join(root, 'another');
  await backupOf(target);
  const restore = (dataDir: string) => restoreBackup({ dataDir, settings, log }, target, () => {});
  await expect(restore(join(root, 'first'))).rejects.toMatchObject({ code: 'SX_CONFLICT' });
  appendFileSync(join(target, 'ca', 'ca.crt'), 'x');
  await expect(restore(join(root, 'third'))).rejects.toThrow('ca/ca.crt was changed');
  await expect(backupOf(target)).rejects.toMatchObject({ code: 'SX_CONFLICT' });
  await expect(backupOf(join(site.folder, 'inside'))).rejects.toMatchObject({ code: 'SX_BAD_REQUEST' });
});

test('a check finds tables, state and journal whole, and names a damaged journal file', async () => {
  const faults = async () => {
    const found: string[] = [];
    for await (const part of checkCollector({ ...site, database: site.state.database })) found.push(...part.faults);
    return found;
  };
  expect(await faults()).toEqual([]);
  const damaged = `logs-${'9'.repeat(20)}.journal`;
  const path = join(site.folder, 'journal', damaged);
  writeFileSync(path, Buffer.alloc(64, 0xff));
  expect((await faults()).join()).toContain(damaged);
  rmSync(path);
});

test('tells bytes by table, day and node, and merges the parts of a day', async () => {
  await vi.waitFor(() => expect(site.journal.stats().backlogFiles).toBe(0), { timeout: 60_000 });
  const usage = await readUsage(site.store);
  const logs = usage.tables.find(({ table }) => table === 'otel_logs');
  expect(logs?.rows).toBe(Number(sequence));
  expect(usage.nodes).toEqual([{ node: 'n1', rows: Number(sequence), bytes: logs?.bytes }]);
  expect(usage.days.find(({ table }) => table === 'otel_logs')?.rows).toBe(Number(sequence));

  const audit = vi.fn();
  const upkeep = createUpkeep({ ...site, database: site.state.database, nowMs: Date.now, audit, log });
  upkeep.start('compact', 'admin');
  expect(() => upkeep.start('check', 'admin')).toThrow('a compact is under way');
  await vi.waitFor(() => expect(upkeep.state()?.state).toBe('done'), { timeout: 20_000 });
  expect(await scatteredPartitions(site.store, 1e12)).toEqual([]);
  await upkeep.close();
}, 90_000);
