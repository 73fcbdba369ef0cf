import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openVolume } from '../../bundle/open-volume.ts';
import type { GatherProgress } from '../../protocol/control.ts';

const work = mkdtempSync(join(tmpdir(), 'sextant-slow-sources-'));
const preload = join(work, 'medium.so');
const isLinux = process.platform === 'linux';
const line = 'some words that are logged, and no end of them\n';
const log = line.repeat(Math.ceil(2 ** 21 / line.length));

beforeAll(() => {
  execFileSync('gcc', ['-shared', '-fPIC', '-O1', '-o', preload, join(import.meta.dirname, 'media/medium.c'), '-ldl']);
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

interface Gathered {
  outcomes: Record<string, GatherProgress>;
  files: Record<string, string>;
  ms: number;
}

/** Gathers in a process of its own, to which files below `logs` are slow or never answer. */
async function gather(
  name: string,
  setup: (logs: string) => object[],
  medium: Record<string, string>,
  deadlineMs = 60_000,
): Promise<Gathered> {
  const folder = join(work, name);
  const logs = join(folder, 'logs');
  mkdirSync(logs, { recursive: true });
  mkdirSync(join(folder, 'out'));
  const args = [join(import.meta.dirname, 'slow-gatherer.ts'), join(folder, 'out'), String(deadlineMs)];
  const env = { ...process.env, LD_PRELOAD: preload, MEDIUM_FOLDER: logs, ...medium };
  const stdout = await new Promise<string>((resolve, reject) => {
    execFile(
      process.execPath,
      [...args, JSON.stringify(setup(logs))],
      { env, timeout: 25_000, killSignal: 'SIGKILL' },
      (error, out, err) => (out === '' ? reject(new Error(err || String(error))) : resolve(out)),
    );
  });
  const { outcomes, volumes, ms } = JSON.parse(stdout);
  const files: Record<string, string> = {};
  for (const volume of volumes) {
    for await (const entry of openVolume(volume)) {
      const chunks: Buffer[] = [];
      for await (const chunk of await entry.content()) chunks.push(chunk as Buffer);
      files[entry.path] = Buffer.concat(chunks).toString('utf8');
    }
  }
  return { outcomes, files, ms };
}

const entryOf = (files: Record<string, string>, end: string): string =>
  Object.entries(files).find(([path]) => path.endsWith(end))?.[1] ?? '';

test.skipIf(!isLinux)('a large file that comes slowly is taken whole, however long it takes', async () => {
  const { outcomes, files, ms } = await gather(
    'slow',
    (logs) => {
      writeFileSync(join(logs, 'large.log'), log);
      return [
        { name: 'large', files: [join(logs, '*.log')], timeout: 1000 },
        { name: 'next', command: ['echo', 'fine'] },
      ];
    },
    { MEDIUM_SLOW_READS: '350' },
  );
  expect(ms).toBeGreaterThan(2500);
  expect(outcomes['r/large']).toMatchObject({ state: 'ok', bytes: log.length });
  expect(entryOf(files, 'large.log')).toBe(log);
  expect(outcomes['r/next']?.state).toBe('ok');
});

test.skipIf(!isLinux)('a file that never answers is given up after its timeout, and so is a folder', async () => {
  const { outcomes, files, ms } = await gather(
    'hangs',
    (logs) => {
      for (const name of ['1-first.log', '2-stuck.log', '3-last.log']) writeFileSync(join(logs, name), `${name}\n`);
      // The newest is gathered first.
      const aMinuteAgo = new Date(Date.now() - 60_000);
      utimesSync(join(logs, '2-stuck.log'), aMinuteAgo, aMinuteAgo);
      mkdirSync(join(logs, 'stuck-folder'));
      return [
        { name: 'files', files: ['1-first.log', '2-stuck.log'].map((name) => join(logs, name)), timeout: 1000 },
        { name: 'folder', files: [join(logs, 'stuck-folder/*.log')], timeout: 1000 },
        { name: 'last', files: [join(logs, '3-last.log')] },
      ];
    },
    { MEDIUM_HANGS: 'stuck' },
  );
  expect(ms).toBeLessThan(8000);
  expect(outcomes['r/files']).toMatchObject({
    state: 'timeout',
    reason: expect.stringMatching(/2-stuck\.log: nothing came from it for 1 s, so it was given up$/),
  });
  expect(outcomes['r/folder']).toMatchObject({ state: 'timeout', reason: expect.stringContaining('for 1 s') });
  expect(outcomes['r/last']?.state).toBe('ok');
  expect(entryOf(files, '1-first.log')).toBe('1-first.log\n');
  expect(entryOf(files, '3-last.log')).toBe('3-last.log\n');
  expect(files['r/files.error.txt']).toContain('nothing came from it for 1 s');
});

test.skipIf(!isLinux)(
  'one that goes on for ever leaves time to the others, and is marked where it was cut',
  async () => {
    const { outcomes, files, ms } = await gather(
      'endless',
      (logs) => {
        writeFileSync(join(logs, 'a.log'), log);
        writeFileSync(join(logs, 'b.log'), log);
        return [
          { name: 'bounded', files: [join(logs, 'a.log')], timeout: 1000, maxDuration: 1500 },
          { name: 'job', files: [join(logs, 'b.log')], timeout: 1000 },
          { name: 'next', command: ['echo', 'fine'] },
        ];
      },
      { MEDIUM_SLOW_READS: '400' },
      // Of it three quarters are for gathering.
      6000,
    );
    expect(ms).toBeLessThan(6000);
    const cut = /a\.log: [\d.]+ KiB of 2 MiB had come in 1\.5 s, the most that it may take; the rest left out$/;
    expect(outcomes['r/bounded']).toMatchObject({ state: 'timeout', reason: expect.stringMatching(cut) });
    const text = entryOf(files, 'a.log');
    expect(text).toMatch(/\n\[sextant: cut here: .* the rest left out\]\n$/);
    expect(log.startsWith(text.slice(0, text.lastIndexOf('\n', text.indexOf('[sextant: cut here'))))).toBe(true);
    expect(text.length).toBeGreaterThan(2 ** 18);
    expect(outcomes['r/bounded']?.leftOutBytes).toBeGreaterThan(2 ** 18);
    expect(JSON.parse(files['index.json'] ?? '{}').entries[0]).toMatchObject({
      from: expect.stringContaining('a.log'),
      cut: expect.stringContaining('the rest left out'),
    });
    expect(outcomes['r/job']).toMatchObject({
      state: 'timeout',
      reason: expect.stringMatching(/b\.log: .* the rest left out$/),
    });
    expect(outcomes['r/next']?.state).toBe('ok');
  },
);

test.skipIf(!isLinux)(
  'bundles over folders that do not answer leave spool and status their threads',
  async () => {
    const folder = join(work, 'dead-mount');
    const logs = join(folder, 'logs');
    const answers = join(folder, 'answers');
    for (const name of ['stuck-1', 'stuck-2']) {
      mkdirSync(join(logs, name), { recursive: true });
      writeFileSync(join(logs, name, 'a.log'), `${name}\n`);
    }
    writeFileSync(join(logs, 'fine.log'), 'fine\n');
    const items = [
      { name: 'first', files: [join(logs, 'stuck-1/*.log')], timeout: 1000 },
      { name: 'second', files: [join(logs, 'stuck-2/*.log')], timeout: 1000 },
      { name: 'fine', files: [join(logs, 'fine.log')] },
    ];
    const args = [join(import.meta.dirname, 'dead-mount-node.ts'), folder, '6', answers, JSON.stringify(items)];
    const medium = { LD_PRELOAD: preload, MEDIUM_FOLDER: logs, MEDIUM_HANGS: 'stuck', MEDIUM_ANSWERS: answers };
    const env = { ...process.env, ...medium, UV_THREADPOOL_SIZE: '10' };
    const stdout = await new Promise<string>((resolve, reject) => {
      execFile(process.execPath, args, { env, timeout: 90_000, killSignal: 'SIGKILL' }, (error, out, err) =>
        out === '' ? reject(new Error(err || String(error))) : resolve(out),
      );
    });
    const asked = stdout
      .trim()
      .split('\n')
      .map(
        (text) =>
          JSON.parse(text) as {
            outcomes: Record<string, GatherProgress>;
            spooledMs: number | null;
            statusMs: number | null;
          },
      );
    expect(asked).toHaveLength(7);
    for (const { outcomes, spooledMs, statusMs } of asked) {
      expect(spooledMs).not.toBeNull();
      expect(statusMs).not.toBeNull();
      expect(outcomes['r/fine']?.state).toBe('ok');
    }
    expect(asked[0]?.outcomes['r/first']).toMatchObject({
      state: 'timeout',
      reason: expect.stringContaining('for 1 s'),
    });
    for (const { outcomes } of asked.slice(1, 6)) {
      for (const [source, name] of [
        ['r/first', 'stuck-1'],
        ['r/second', 'stuck-2'],
      ] as const) {
        expect(outcomes[source]).toMatchObject({
          state: 'timeout',
          reason: expect.stringMatching(
            new RegExp(`^the filesystem of .*/${name}/\\*\\.log has not answered since 20\\S+Z$`),
          ),
        });
      }
    }
    for (const source of ['r/first', 'r/second', 'r/fine']) expect(asked[6]?.outcomes[source]?.state).toBe('ok');
  },
  120_000,
);
