import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, test, vi } from 'vitest';
import { createJournal } from '../../collector/journal/file-journal.ts';
import { walkRequest } from '../../collector/receive/walk.ts';
import { createStore } from '../../collector/store/clickhouse-store.ts';
import { createLog } from '../../logging/log.ts';
import { startFront } from '../clickhouse-front/front.ts';
import { sequencesIn } from '../unit/collector/journal/memory-sequences.ts';
import { settingsWith } from '../unit/collector/journal/settings.ts';
import { logsRequest } from '../unit/collector/store/otlp-requests.ts';

const root = mkdtempSync(join(tmpdir(), 'sextant-away-'));
const engine = join(root, 'engine');
const passwordFile = join(root, 'password');
writeFileSync(passwordFile, 'secret', { mode: 0o600 });
const log = createLog('test', 'silent');

type Front = Awaited<ReturnType<typeof startFront>>;
const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (let close = closers.pop(); close; close = closers.pop()) await close();
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

async function front(options: Parameters<typeof startFront>[1]): Promise<Front> {
  const started = await startFront(engine, { user: 'sextant', password: 'secret', ...options });
  closers.push(started.close);
  return started;
}

/** A collector's journal and store on a server at this port, whether it is there or not. */
async function site(name: string, port: number, backlogBytes = 16 * 1024 * 1024) {
  const settings = settingsWith({
    'storage.url': `http://127.0.0.1:${port}`,
    'storage.database': 'default',
    'storage.passwordFile': passwordFile,
    'collector.journal.closeAfter': 50,
    'collector.journal.maxBacklogBytes': backlogBytes,
    'collector.storage.minFreeBytes': 0,
  });
  const folder = mkdtempSync(join(root, `${name}-`));
  const store = createStore({ folder: join(root, 'not-used'), log, settings });
  await store.start();
  closers.push(store.close);
  const journal = createJournal(
    { folder, store, state: sequencesIn(), log, nowMs: Date.now, freeBytes: async () => 1e12 },
    settings,
  );
  await journal.start();
  closers.push(journal.close);
  let sequence = 0n;
  return {
    store,
    journal,
    files: () => readdirSync(folder, { recursive: true }).filter((file) => String(file).endsWith('.journal')),
    quarantined: () => readdirSync(folder, { recursive: true }).filter((file) => String(file).includes('quarantine/')),
    append: (padding = '') => {
      const numbering = { stream: 'logs', epoch: 'e1', sequence: ++sequence };
      const bytes = logsRequest([{ body: `record ${sequence}${padding}` }]);
      return journal.append({ signal: 'logs', node: name, numbering, bytes, ...walkRequest('logs', bytes) });
    },
    /** Sequences in the order in which their files were numbered. */
    stored: async () => {
      const { rows } = await store.query<{ sequence: number }>(
        'SELECT Sequence AS sequence FROM otel_logs WHERE Node = {name:String} ORDER BY JournalFile, Sequence',
        { parameters: { name } },
      );
      return rows.map((row) => row.sequence);
    },
  };
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i + 1);
const patience = { timeout: 40_000, interval: 200 };

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const probe = await startFront(engine);
  await probe.close();
  return probe.port;
}

test('a server that is away at the start and again later loses nothing: its journal catches up in order', async () => {
  const port = await freePort();
  const one = await site('away', port);
  for (let i = 0; i < 3; i++) expect(await one.append()).toBe('stored');
  await expect(one.store.query('SELECT 1')).rejects.toMatchObject({ code: 'SX_STORAGE_AWAY' });
  expect(one.files().length).toBeGreaterThan(0);

  const first = await front({ port });
  await vi.waitFor(async () => expect(await one.stored()).toEqual(upTo(3)), patience);

  await first.close();
  for (let i = 0; i < 5; i++) {
    expect(await one.append()).toBe('stored');
    await vi.waitFor(() => expect(one.journal.stats().backlogFiles).toBeGreaterThan(i), patience);
  }
  await expect(one.store.query('SELECT 1')).rejects.toMatchObject({ code: 'SX_STORAGE_AWAY' });

  const inserts: string[] = [];
  await front({ port, before: ({ queryId, bodyBytes }) => void (bodyBytes > 0 && inserts.push(queryId)) });
  await vi.waitFor(async () => expect(await one.stored()).toEqual(upTo(8)), patience);
  await vi.waitFor(() => expect(one.files()).toEqual([]), patience);
  expect(inserts).toEqual([...inserts].sort());
  expect(one.quarantined()).toEqual([]);
}, 120_000);

test('while the server is away the journal takes data to its bound and then says so', async () => {
  const one = await site('bound', await freePort(), 100_000);
  const padding = 'x'.repeat(20_000);
  const append = async (): Promise<string> => one.append(padding).catch((error) => error.code);
  const answers: string[] = [];
  for (let i = 0; i < 8; i++) answers.push(await append());
  expect(answers[0]).toBe('stored');
  expect(answers.at(-1)).toBe('SX_BACKLOG_FULL');
  expect(one.journal.stats().backlogBytes).toBeLessThan(130_000);
});

test('an answer that is lost after the rows are stored makes no second copy, and no quarantine', async () => {
  let cuts = 0;
  const cutting = await front({
    after: ({ bodyBytes, queryId }) => !(bodyBytes > 0 && queryId.includes('otel_logs') && cuts++ < 3),
  });
  const one = await site('cut', cutting.port);
  for (let i = 0; i < 4; i++) expect(await one.append()).toBe('stored');
  await vi.waitFor(() => expect(one.files()).toEqual([]), patience);
  expect(await one.stored()).toEqual(upTo(4));
  expect(cuts).toBeGreaterThan(3);
  expect(one.quarantined()).toEqual([]);
});

test('a try that was cut off and still runs on the server is waited for, not doubled', async () => {
  let cut = false;
  const codes: number[] = [];
  const busy: Front = await front({
    async before({ bodyBytes, queryId }) {
      if (bodyBytes === 0 || cut) return;
      cut = true;
      // The client loses its connection; the server goes on with what it has.
      busy.cut();
      await vi.waitFor(() => expect(busy.refusedIds()).toContain(queryId), patience);
      codes.push(216);
    },
  });
  const one = await site('running', busy.port);
  expect(await one.append()).toBe('stored');
  await vi.waitFor(() => expect(one.files()).toEqual([]), patience);
  expect(await one.stored()).toEqual([1]);
  expect(codes).toEqual([216]);
});

const refusals = {
  241: 'memory limit',
  252: 'too many parts',
  516: 'authentication failed',
  497: 'not enough privileges',
};

test('a server that refuses for a while, whatever its reason, puts no data into quarantine', async () => {
  let now: { code: string; left: number } | undefined;
  const sick = await front({
    before({ bodyBytes }) {
      if (bodyBytes > 0 && now && now.left-- > 0) {
        throw new Error(`Code: ${now.code}. DB::Exception: not now (NOT_NOW)`);
      }
    },
  });
  const one = await site('sick', sick.port);
  for (const [index, code] of Object.keys(refusals).entries()) {
    now = { code, left: 4 };
    expect(await one.append()).toBe('stored');
    await vi.waitFor(() => expect(one.files()).toEqual([]), patience);
    expect(now.left).toBeLessThan(0);
    expect(await one.stored(), refusals[code as unknown as keyof typeof refusals]).toEqual(upTo(index + 1));
    expect(one.quarantined()).toEqual([]);
  }
}, 120_000);
