import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { encodeEntry } from '../../collector/journal/entry.ts';
import { createJournal } from '../../collector/journal/file-journal.ts';
import { journalFileName, preparedFileName } from '../../collector/journal/file-name.ts';
import { createStore } from '../../collector/store/clickhouse-store.ts';
import type { JournalFile, Store } from '../../collector/store/store.ts';
import { freeBytes } from '../../durable/free-space.ts';
import { createLog } from '../../logging/log.ts';
import { patient } from '../patience.ts';
import { sequencesIn } from '../unit/collector/journal/memory-sequences.ts';
import { settingsWith } from '../unit/collector/journal/settings.ts';
import { logsRequest } from '../unit/collector/store/otlp-requests.ts';

const log = createLog('test', 'silent');
const root = mkdtempSync(join(tmpdir(), 'sextant-journal-files-'));
let store: Store;
beforeAll(async () => {
  store = createStore({ folder: join(root, 'engine'), log, settings: settingsWith() });
  await store.start();
});
afterAll(async () => {
  await store.close();
  rmSync(root, { recursive: true, force: true });
});

interface Options {
  folder?: string;
  settings?: Parameters<typeof settingsWith>[0];
  free?: () => Promise<number>;
  /** In place of the engine's own insert. */
  insert?: (file: JournalFile) => Promise<void>;
}

async function openJournal(options: Options = {}) {
  const folder = options.folder ?? mkdtempSync(join(root, 'journal-'));
  const through: Store = options.insert ? { ...store, insertJournalFile: options.insert } : store;
  const journal = createJournal(
    {
      folder,
      store: through,
      state: sequencesIn(),
      log,
      nowMs: Date.now,
      freeBytes: options.free ?? (async () => 1e12),
    },
    settingsWith({ 'collector.journal.closeAfter': 50, 'collector.storage.minFreeBytes': 0, ...options.settings }),
  );
  await journal.start();
  onTestFinished(() => journal.close());
  return { folder, journal };
}

const entry = (node: string, sequence: bigint, otlp = logsRequest([{ body: `batch ${sequence}` }])): Buffer =>
  Buffer.concat(
    encodeEntry(otlp, {
      node,
      stream: 'logs',
      epoch: 'e',
      sequence,
      receivedUnixNano: BigInt(Date.now()) * 1_000_000n,
    }),
  );

const stored = async (node: string): Promise<number[]> => {
  const { rows } = await store.query<{ sequence: number }>(
    'SELECT toUInt32(Sequence) AS sequence FROM otel_logs WHERE Node = {node:String} ORDER BY sequence',
    { parameters: { node } },
  );
  return rows.map(({ sequence }) => sequence);
};
const untilStored = (node: string, sequences: number[]): Promise<void> =>
  vi.waitFor(async () => expect(await stored(node)).toEqual(sequences), { timeout: 60_000, interval: 100 });

/** A folder with one journal file of four entries, changed by `damage`. */
function damagedFolder(node: string, number: bigint, damage: (path: string, entries: Buffer[]) => void): string {
  const folder = mkdtempSync(join(root, 'journal-'));
  const entries = [1n, 2n, 3n, 4n].map((sequence) => entry(node, sequence));
  const path = join(folder, journalFileName('logs', number));
  writeFileSync(path, Buffer.concat(entries));
  damage(path, entries);
  return folder;
}
const quarantined = (folder: string): string[] => {
  try {
    return readdirSync(join(folder, 'quarantine')).sort();
  } catch {
    return [];
  }
};

test('a flipped bit costs one batch, which goes to quarantine with the reason', async () => {
  const folder = damagedFolder('flipped', 11n, (path, entries) => {
    const content = readFileSync(path);
    const inSecond = (entries[0]?.length ?? 0) + 40;
    content[inSecond] = (content[inSecond] ?? 0) ^ 4;
    writeFileSync(path, content);
  });
  const { journal } = await openJournal({ folder });
  await untilStored('flipped', [1, 3, 4]);
  expect(journal.stats().quarantinedBatches).toBe(1);
  expect([...journal.stats().quarantinedByNode]).toEqual([['', 1]]);
  const [bytes, reason] = quarantined(folder);
  expect(bytes).toMatch(/\.entry$/);
  expect(JSON.parse(readFileSync(join(folder, 'quarantine', reason ?? ''), 'utf8'))).toMatchObject({
    reason: expect.stringMatching(/damaged on disk/),
  });
});

test('a flipped bit in a length costs one batch too', async () => {
  const folder = damagedFolder('length', 12n, (path, entries) => {
    const content = readFileSync(path);
    const second = entries[0]?.length ?? 0;
    content[second + 1] = (content[second + 1] ?? 0) ^ 0x7f;
    writeFileSync(path, content);
  });
  const { journal } = await openJournal({ folder });
  await untilStored('length', [1, 3, 4]);
  expect(journal.stats().quarantinedBatches).toBe(1);
});

test('a cut in the last entry is a write that was never acknowledged: it is cut off, and its retry is stored', async () => {
  const folder = damagedFolder('cut', 13n, (path, entries) => {
    truncateSync(path, Buffer.concat(entries).length - 30);
  });
  const { journal } = await openJournal({ folder });
  await untilStored('cut', [1, 2, 3]);
  expect(quarantined(folder)).toEqual([]);
  const bytes = logsRequest([{ body: 'again' }]);
  const numbering = { stream: 'logs', epoch: 'e', sequence: 4n };
  expect(await journal.append({ signal: 'logs', node: 'cut', numbering, bytes, records: 1 })).toBe('stored');
  await untilStored('cut', [1, 2, 3, 4]);
});

test('zeros that were never written over are cut, with the begin of a write before them', async () => {
  const folder = damagedFolder('zeros', 21n, (path, [first]) => {
    const begun = entry('zeros', 5n).subarray(0, (first?.length ?? 0) - 30);
    writeFileSync(path, Buffer.concat([readFileSync(path), begun, Buffer.alloc(100_000)]));
  });
  const { journal } = await openJournal({ folder });
  await untilStored('zeros', [1, 2, 3, 4]);
  expect(journal.stats().quarantinedBatches).toBe(0);
});

test('a prepared file that was in use when the power failed is read; an unused one is removed', async () => {
  const folder = mkdtempSync(join(root, 'journal-'));
  const used = Buffer.concat([entry('prepared', 1n), entry('prepared', 2n), Buffer.alloc(5000)]);
  writeFileSync(join(folder, preparedFileName('logs', 31n)), used);
  writeFileSync(join(folder, preparedFileName('logs', 32n)), Buffer.alloc(5000));
  await openJournal({ folder });
  await untilStored('prepared', [1, 2]);
  await vi.waitFor(() => expect(readdirSync(folder)).toEqual([]), patient);
});

test('full files are followed by prepared ones, and none is left behind', async () => {
  const { folder, journal } = await openJournal({ settings: { 'collector.journal.closeAfterBytes': 8192 } });
  const bytes = logsRequest(Array.from({ length: 20 }, (_, at) => ({ body: `line ${at}` })));
  const sequences: number[] = [];
  const send = async (): Promise<void> => {
    const sequence = BigInt(sequences.push(sequences.length + 1));
    const numbering = { stream: 'logs', epoch: 'e', sequence };
    await journal.append({ signal: 'logs', node: 'followed', numbering, bytes, records: 20 });
  };
  const prepared = (): string[] => readdirSync(folder).filter((name) => name.endsWith('.prepared'));
  await vi.waitFor(
    async () => {
      await send();
      expect(prepared()).toHaveLength(1);
    },
    { timeout: 30_000, interval: 0 },
  );
  const [next] = prepared();
  await vi.waitFor(
    async () => {
      await send();
      expect(prepared()).not.toContain(next);
    },
    { timeout: 30_000, interval: 0 },
  );
  await untilStored(
    'followed',
    sequences.flatMap((sequence) => Array<number>(20).fill(sequence)),
  );
  await journal.close();
  await vi.waitFor(() => expect(readdirSync(folder)).toEqual([]), patient);
});

test('a journal that storage does not take keeps no room for the next file', async () => {
  const refused = async () => {
    throw new Error('no space left');
  };
  const { folder, journal } = await openJournal({
    settings: { 'collector.journal.closeAfterBytes': 8192 },
    insert: refused,
  });
  const bytes = logsRequest(Array.from({ length: 100 }, (_, at) => ({ body: `line ${at}` })));
  for (let sequence = 1n; sequence <= 5n; sequence++) {
    const numbering = { stream: 'logs', epoch: 'e', sequence };
    await journal.append({ signal: 'logs', node: 'roomless', numbering, bytes, records: 100 });
  }
  await vi.waitFor(() => expect(journal.troubles().map(({ what }) => what)).toContain('storage'), patient);
  await vi.waitFor(() => expect(readdirSync(folder).filter((name) => name.endsWith('.prepared'))).toEqual([]), patient);
});

test('sequences in recovered files count as durable', async () => {
  const folder = damagedFolder('recovered', 14n, () => {});
  const { journal } = await openJournal({ folder });
  const bytes = logsRequest([{ body: 'again' }]);
  const numbering = { stream: 'logs', epoch: 'e', sequence: 4n };
  expect(await journal.append({ signal: 'logs', node: 'recovered', numbering, bytes, records: 1 })).toBe('duplicate');
  await untilStored('recovered', [1, 2, 3, 4]);
});

test('a batch that the engine cannot read goes to quarantine alone', async () => {
  const folder = mkdtempSync(join(root, 'journal-'));
  // A value set twice: the walk refuses it, so it comes here only through a file of another version.
  const twice = Buffer.from([0x0a, 0x0c, 0x0a, 0x0a, 0x0a, 0x08, 0x0a, 0x00, 0x12, 0x04, 0x18, 0x01, 0x10, 0x01]);
  const content = Buffer.concat([entry('refused', 1n), entry('refused', 2n, twice), entry('refused', 3n)]);
  writeFileSync(join(folder, journalFileName('logs', 15n)), content);
  const { journal } = await openJournal({ folder });
  await untilStored('refused', [1, 3]);
  await vi.waitFor(() => expect(journal.stats()).toMatchObject({ quarantinedBatches: 1, backlogFiles: 0 }), patient);
  expect([...journal.stats().quarantinedByNode]).toEqual([['refused', 1]]);
  const reason = quarantined(folder).find((name) => name.endsWith('.json')) ?? '';
  expect(JSON.parse(readFileSync(join(folder, 'quarantine', reason), 'utf8'))).toMatchObject({
    reason: expect.stringMatching(/engine refused/),
    mark: { node: 'refused', sequence: '2' },
  });
});

test('storage that fails for a while loses nothing', async () => {
  let failures = 3;
  const { journal } = await openJournal({
    insert: async (file) => {
      if (failures-- > 0) throw new Error('no storage today');
      await store.insertJournalFile(file, { again: true });
    },
  });
  const bytes = logsRequest([{ body: 'x' }]);
  const numbering = { stream: 'logs', epoch: 'e', sequence: 1n };
  await journal.append({ signal: 'logs', node: 'patient', numbering, bytes, records: 1 });
  await untilStored('patient', [1]);
  expect(journal.stats().quarantinedBatches).toBe(0);
});

test('answers SX_BACKLOG_FULL when storage does not take what is acknowledged', async () => {
  const { journal } = await openJournal({
    settings: { 'collector.journal.maxBacklogBytes': 4000 },
    insert: () => new Promise(() => {}),
  });
  const send = (sequence: bigint) => {
    const bytes = logsRequest([{ body: 'x'.repeat(1000) }]);
    return journal.append({
      signal: 'logs',
      node: 'slow',
      numbering: { stream: 'logs', epoch: 'e', sequence },
      bytes,
      records: 1,
    });
  };
  for (const sequence of [1n, 2n, 3n]) expect(await send(sequence)).toBe('stored');
  await expect(send(4n)).rejects.toMatchObject({ code: 'SX_BACKLOG_FULL' });
});

test('pauses below the free-space floor and goes on by itself', async () => {
  let free = 10;
  const { journal } = await openJournal({
    settings: { 'collector.storage.minFreeBytes': 100 },
    free: async () => free,
  });
  const bytes = logsRequest([{ body: 'x' }]);
  const send = () => journal.append({ signal: 'logs', node: 'floor', bytes, records: 1 });
  await expect(send()).rejects.toMatchObject({ code: 'SX_DISK_FULL' });
  free = 1000;
  await vi.waitFor(async () => expect(await send()).toBe('stored'), patient);
});

const isRoot = process.getuid?.() === 0;
if (!isRoot)
  process.stderr.write('SKIPPED: the full-filesystem test of the journal needs root to mount a small tmpfs\n');

test.runIf(isRoot)('a full filesystem refuses, keeps what was acknowledged, and recovers by itself', async () => {
  const mount = mkdtempSync(join(root, 'tmpfs-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', mount]);
  onTestFinished(() => void execFileSync('umount', ['-l', mount]));
  const folder = join(mount, 'journal');
  mkdirSync(folder);
  let taking = false;
  const held: (() => void)[] = [];
  const { journal } = await openJournal({
    folder,
    free: () => freeBytes(mount),
    insert: async (file) => {
      if (!taking) await new Promise<void>((resolve) => held.push(resolve));
      await store.insertJournalFile(file, { again: true });
    },
  });
  const send = (sequence: bigint) => {
    const bytes = logsRequest([{ body: `${sequence} ${'x'.repeat(100_000)}` }]);
    return journal.append({
      signal: 'logs',
      node: 'full',
      numbering: { stream: 'logs', epoch: 'e', sequence },
      bytes,
      records: 1,
    });
  };
  let sequence = 1n;
  await expect(
    (async () => {
      for (; sequence < 100n; sequence++) await send(sequence);
    })(),
  ).rejects.toMatchObject({ code: 'SX_DISK_FULL' });
  expect(sequence).toBeGreaterThan(5n);
  // A small batch still fits: the failed one's partial tail is gone from the file.
  const acknowledged = Number(sequence) - 1;
  taking = true;
  for (const release of held) release();
  await vi.waitFor(async () => expect(await send(sequence)).toBe('stored'), patient);
  await untilStored(
    'full',
    Array.from({ length: acknowledged + 1 }, (_, at) => at + 1),
  );
  expect(quarantined(folder)).toEqual([]);
});
