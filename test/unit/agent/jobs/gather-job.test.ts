import { chmod, mkdir, mkdtemp, rm, symlink, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { Check } from 'typebox/value';
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';
import { createFileQuestions } from '../../../../agent/filesystems/file-questions.ts';
import { runGatherJob } from '../../../../agent/jobs/gather-job.ts';
import { type KnownSizes, openKnownSizes } from '../../../../agent/jobs/known-sizes.ts';
import type { BundleItem } from '../../../../agent/profile/bundle.ts';
import { serveStatus, statusPath } from '../../../../agent/status/status-socket.ts';
import { openVolume } from '../../../../bundle/open-volume.ts';
import {
  type GatherProgress,
  GatherProgress as GatherProgressMessage,
  type GatherRequest,
} from '../../../../protocol/control.ts';
import { emptyProfile } from '../sources/source-context.ts';

let folder: string;
let logs: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sextant-gather-'));
  logs = join(folder, 'logs');
  await mkdir(logs);
  await mkdir(join(folder, 'out'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

interface Gathered {
  outcomes: Record<string, GatherProgress>;
  files: Record<string, string>;
}

async function gather(
  items: BundleItem[],
  options: {
    deadlineMs?: number;
    signal?: AbortSignal;
    roles?: string[];
    sourceMaxBytes?: GatherRequest['sourceMaxBytes'];
    classes?: GatherRequest['classes'];
    sizes?: KnownSizes;
    nowMs?: () => number;
    onProgress?: (progress: GatherProgress) => void;
  } = {},
): Promise<Gathered> {
  const outcomes: Record<string, GatherProgress> = {};
  const nowMs = Date.now();
  const volumes = await runGatherJob({
    questions: createFileQuestions({ most: 4 }),
    request: {
      type: 'gather',
      attempt: 1,
      bundleId: 'b1',
      fromUnixMs: nowMs - 900_000,
      untilUnixMs: nowMs,
      roles: options.roles ?? ['r'],
      deadlineMs: options.deadlineMs ?? 60_000,
      ...(options.sourceMaxBytes && { sourceMaxBytes: options.sourceMaxBytes }),
      ...(options.classes && { classes: options.classes }),
    },
    profile: {
      ...emptyProfile,
      bundle: {
        r: { description: '', items },
        other: { description: '', items: [{ name: 'unasked', command: ['true'] }] },
      },
    },
    node: 'node-1',
    folder: join(folder, 'out'),
    dataDir: folder,
    redactionKey: Buffer.alloc(32),
    names: [],
    nowMs: options.nowMs ?? Date.now,
    ...(options.sizes && { sizes: options.sizes }),
    signal: options.signal ?? new AbortController().signal,
    onProgress: (progress) => {
      outcomes[progress.source] = progress;
      options.onProgress?.(progress);
    },
  });
  const files: Record<string, string> = {};
  for (const volume of volumes) {
    for await (const entry of openVolume(volume.path)) {
      const chunks: Buffer[] = [];
      for await (const chunk of await entry.content()) chunks.push(chunk as Buffer);
      files[entry.path] = Buffer.concat(chunks).toString('utf8');
    }
  }
  return { outcomes, files };
}

const entryOf = (files: Record<string, string>, end: string): string | undefined =>
  Object.entries(files).find(([path]) => path.endsWith(end))?.[1];

test('takes what a program prints, masked, and no item of a role that was not asked for', async () => {
  const { outcomes, files } = await gather([{ name: 'say', command: ['echo', 'password=hunter2 and more'] }]);
  expect(Object.keys(outcomes)).toEqual(['r/say']);
  expect(outcomes['r/say']).toMatchObject({ state: 'ok', masked: { password: 1 } });
  expect(files['r/say.txt']).toMatch(/^password=\[masked:password:[0-9a-f]{8}\] and more\n$/);
});

test('takes the classes that were asked for and says nothing of the others; none named is none', async () => {
  await writeFile(join(logs, 'a.log'), 'a line\n');
  const items: BundleItem[] = [
    { name: 'say', command: ['echo', 'hello'] },
    { name: 'app', files: [join(logs, '*.log')] },
    { name: 'agent', status: true },
  ];
  const taken = async (classes: NonNullable<GatherRequest['classes']>): Promise<string[]> => {
    const { outcomes, files } = await gather(items, { classes });
    expect(Object.keys(files).filter((path) => path !== 'index.json').length > 0).toBe(
      Object.keys(outcomes).length > 0,
    );
    await rm(join(folder, 'out'), { recursive: true });
    await mkdir(join(folder, 'out'));
    return Object.keys(outcomes);
  };
  expect(await taken(['files'])).toEqual(['r/app']);
  expect(await taken(['commands', 'journal'])).toEqual(['r/say', 'r/agent']);
  expect(await taken([])).toEqual([]);
});

test('a program that is not there is absent; the others go on', async () => {
  const { outcomes } = await gather([
    { name: 'gone', command: ['no-such-program-here'] },
    { name: 'there', command: ['true'] },
  ]);
  expect(outcomes['r/gone']).toMatchObject({ state: 'absent', reason: 'no-such-program-here is not installed' });
  expect(outcomes['r/there']?.state).toBe('ok');
});

test('a program that fails says why, and what it printed is kept', async () => {
  const { outcomes, files } = await gather([
    { name: 'fails', command: ['sh', '-c', 'echo before; echo "it broke" >&2; exit 3'] },
    { name: 'denied', command: ['sh', '-c', 'echo "x: Operation not permitted" >&2; exit 1'] },
  ]);
  expect(outcomes['r/fails']).toMatchObject({ state: 'partial', reason: 'exit code 3: it broke' });
  expect(files['r/fails.txt']).toBe('before\n');
  expect(files['r/fails.stderr.txt']).toBe('it broke\n');
  expect(outcomes['r/denied']?.state).toBe('denied');
});

test('a program that hangs ends at its time limit with its children, and the next item is gathered', async () => {
  const startedMs = Date.now();
  const { outcomes, files } = await gather([
    { name: 'hangs', command: ['sh', '-c', 'echo begun; sleep 60; echo never'], timeout: 2000 },
    { name: 'next', command: ['echo', 'fine'] },
  ]);
  expect(Date.now() - startedMs).toBeLessThan(10_000);
  expect(outcomes['r/hangs']).toMatchObject({ state: 'timeout' });
  expect(files['r/hangs.txt']).toMatch(/^begun\n\n\[sextant: cut here: the program was stopped/);
  expect(files['r/hangs.error.txt']).toContain('longer than its time limit');
  expect(files['r/next.txt']).toBe('fine\n');
});

test('a program that never stops printing is cut and marked', async () => {
  const { outcomes, files } = await gather([{ name: 'yes', command: ['yes'], maxBytes: 4096 }]);
  const cut = 'the output is longer than 4 KiB: 60 KiB left out here, and it was stopped before its end';
  expect(outcomes['r/yes']).toMatchObject({ state: 'partial', reason: cut });
  expect(files['r/yes.txt']).toContain(`[sextant: cut here: ${cut}]`);
  expect(outcomes['r/yes']?.bytes).toBeLessThan(4096 + 200);
});

test('of what a program prints too much of, the beginning and the end are kept, with a mark where it was cut', async () => {
  const { outcomes, files } = await gather([{ name: 'long', command: ['seq', '1', '10000'], maxBytes: 8192 }]);
  const lines = (files['r/long.txt'] ?? '').split('\n');
  expect(lines[0]).toBe('1');
  expect(lines.at(-2)).toBe('10000');
  const mark = lines.findIndex((line) => line.startsWith('[sextant: cut here: '));
  const before = lines.slice(0, mark).join('\n');
  const after = lines.slice(mark + 1).join('\n');
  const whole = Array.from({ length: 10_000 }, (_, n) => `${n + 1}\n`).join('');
  expect(whole.startsWith(before.trimEnd())).toBe(true);
  expect(whole.endsWith(`\n${after}`)).toBe(true);
  const kept = before.trimEnd().length + after.length;
  expect(Math.abs((outcomes['r/long']?.leftOutBytes ?? 0) + kept - whole.length)).toBeLessThan(8);
  expect(kept).toBeGreaterThan(7000);
});

test('takes the files that changed within the window, named ones always, and follows no link that a glob finds', async () => {
  await writeFile(join(logs, 'new.log'), 'token=abcdef123\n');
  await writeFile(join(logs, 'old.log'), 'old\n');
  await utimes(join(logs, 'old.log'), 1, 1);
  await writeFile(join(folder, 'secret'), 'outside\n');
  await symlink(join(folder, 'secret'), join(logs, 'link.log'));
  await writeFile(join(folder, 'named.conf'), 'named\n');
  await utimes(join(folder, 'named.conf'), 1, 1);
  const { outcomes, files } = await gather([
    { name: 'logs', files: [join(logs, '*.log'), join(folder, 'named.conf')] },
  ]);
  expect(outcomes['r/logs']?.state).toBe('ok');
  expect(entryOf(files, 'new.log')).toMatch(/^token=\[masked:/);
  expect(entryOf(files, 'named.conf')).toBe('named\n');
  expect(Object.keys(files).filter((path) => /(?:old|link)\.log/.test(path))).toEqual([]);
});

test('of a file that is too long the first lines and the end are kept, whole lines, and how much is missing is said', async () => {
  const lines = Array.from({ length: 3000 }, (_, n) => `${String(n).padStart(6, '0')} some words\n`).join('');
  await writeFile(join(logs, 'long.log'), lines);
  const { outcomes, files } = await gather([{ name: 'long', files: [join(logs, '*.log')], maxBytes: 10_000 }]);
  const text = entryOf(files, 'long.log') ?? '';
  const [head = '', rest = ''] = text.split(/\[sextant: cut here: .* of 52.7 KiB left out here\]\n/);
  expect(lines.startsWith(head)).toBe(true);
  expect(lines.endsWith(rest)).toBe(true);
  expect(head).toMatch(/^000000 some words\n(\d{6} some words\n)+$/);
  expect(rest).toMatch(/^(\d{6} some words\n)+$/);
  expect(head.length + rest.length).toBeGreaterThan(9900);
  expect(outcomes['r/long']).toMatchObject({
    state: 'partial',
    leftOutBytes: lines.length - head.length - rest.length,
  });
});

test('a long file takes nothing from the short ones of its item', async () => {
  await writeFile(join(logs, 'chatty.log'), 'much too much of this\n'.repeat(5000));
  for (let n = 0; n < 5; n += 1) {
    await writeFile(join(logs, `rare-${n}.log`), `only this once ${n}\n`);
    // Older than the chatty one, which is written all the time.
    await utimes(join(logs, `rare-${n}.log`), new Date(Date.now() - 60_000), new Date(Date.now() - 60_000));
  }
  const items = [{ name: 'logs', files: [join(logs, '*.log')] }];
  const { outcomes, files } = await gather(items, { sourceMaxBytes: { files: 20_000 } });
  for (let n = 0; n < 5; n += 1) expect(entryOf(files, `rare-${n}.log`)).toBe(`only this once ${n}\n`);
  expect(entryOf(files, 'chatty.log')?.length).toBeGreaterThan(15_000);
  expect(outcomes['r/logs']?.bytes).toBeLessThan(20_200);
  expect(outcomes['r/logs']?.state).toBe('partial');
});

test('a cut that only left out what is older than the window is no gap', async () => {
  const line = (ms: number): string => `${new Date(ms).toISOString()} some words that are logged\n`;
  const old = Array.from({ length: 3000 }, (_, n) => line(Date.now() - 7_200_000 + n)).join('');
  await writeFile(join(logs, 'long.log'), old + line(Date.now()));
  const { outcomes } = await gather([{ name: 'long', files: [join(logs, '*.log')], maxBytes: 10_000 }]);
  expect(outcomes['r/long']?.state).toBe('ok');
});

test('a binary file is left out and named; an unreadable one too', async () => {
  await writeFile(join(logs, 'text.log'), 'words\n');
  await writeFile(join(logs, 'binary.log'), Buffer.from([1, 0, 2, 0, 0, 3]));
  const { outcomes, files } = await gather([{ name: 'logs', files: [join(logs, '*.log')] }]);
  expect(outcomes['r/logs']).toMatchObject({ state: 'partial' });
  expect(outcomes['r/logs']?.reason).toMatch(/binary\.log: binary/);
  expect(entryOf(files, 'text.log')).toBe('words\n');
  expect(files['index.json']).toContain('left out: binary');
});

test.skipIf(process.getuid?.() === 0)('a file that may not be read is denied', async () => {
  await writeFile(join(logs, 'closed.log'), 'x');
  await chmod(join(logs, 'closed.log'), 0);
  const { outcomes } = await gather([{ name: 'logs', files: [join(logs, '*.log')] }]);
  expect(outcomes['r/logs']?.state).toBe('denied');
});

test.skipIf(process.getuid?.() === 0)('files in a folder that may not be listed are denied, not absent', async () => {
  await mkdir(join(logs, 'shut'));
  await chmod(join(logs, 'shut'), 0);
  onTestFinished(() => chmod(join(logs, 'shut'), 0o700));
  const { outcomes } = await gather([{ name: 'logs', files: [join(logs, 'shut', '*.log')] }]);
  expect(outcomes['r/logs']?.state).toBe('denied');
});

test('what is left when the deadline comes is a timeout, and the volume is whole', async () => {
  const { outcomes, files } = await gather(
    [
      { name: 'slow', command: ['sleep', '30'] },
      { name: 'never', command: ['echo', 'x'] },
    ],
    { deadlineMs: 800 },
  );
  expect(outcomes['r/slow']?.state).toBe('timeout');
  expect(outcomes['r/never']).toMatchObject({ state: 'timeout', reason: 'the job’s deadline came before its turn' });
  expect(files['index.json']).toBeDefined();
});

test('a cancelled job ends within two seconds and leaves no volume that looks whole', async () => {
  const cancel = new AbortController();
  const running = gather([{ name: 'slow', command: ['sleep', '30'] }], { signal: cancel.signal });
  const cancelledMs = Date.now();
  cancel.abort(new Error('cancelled'));
  await expect(running).rejects.toThrow('cancelled');
  expect(Date.now() - cancelledMs).toBeLessThan(2000);
});

test('a file that shrinks while it is read ends where it ends', async () => {
  await writeFile(join(logs, 'shrinks.log'), 'x\n'.repeat(1000));
  await truncate(join(logs, 'shrinks.log'), 4);
  expect(entryOf((await gather([{ name: 'l', files: [join(logs, '*.log')] }])).files, 'shrinks.log')).toBe('x\nx\n');
});

test('a role that this node’s profile does not have is absent, not silently nothing', async () => {
  const { outcomes } = await gather([{ name: 'a', command: ['true'] }], { roles: ['hyperv'] });
  expect(outcomes).toMatchObject({
    hyperv: { state: 'absent', reason: 'the profile test of this node has no such role' },
  });
});

test('a deadline of any number of milliseconds is one', async () => {
  const { outcomes } = await gather([{ name: 'quick', command: ['echo', 'hi'] }], { deadlineMs: 40_001 });
  expect(outcomes['r/quick']).toMatchObject({ state: 'ok' });
});

test('takes what the agent says of itself, from itself, and else what it last wrote', async () => {
  const items = [{ name: 'agent-status', status: true }];
  expect((await gather(items)).outcomes['r/agent-status']).toMatchObject({ state: 'absent' });
  await mkdir(join(folder, 'agent'));
  await writeFile(join(folder, 'agent', 'status.json'), JSON.stringify({ version: '1', token: 'hunter2' }));
  const earlier = await gather(items);
  expect(earlier.outcomes['r/agent-status']).toMatchObject({
    state: 'ok',
    reason: expect.stringMatching(/before it ended/),
  });
  expect(JSON.parse(entryOf(earlier.files, 'r/agent-status.json') ?? '')).toMatchObject({
    told: 'earlier',
    agent: { version: '1', token: expect.not.stringContaining('hunter2') },
  });
  const server = await serveStatus(statusPath(folder), () => ({ version: '2' }), pino({ level: 'silent' }));
  const now = await gather(items);
  server.close();
  expect(JSON.parse(entryOf(now.files, 'r/agent-status.json') ?? '')).toEqual({ told: 'now', agent: { version: '2' } });
});

test('of files it tells how many were taken, how much there was to come, and how long it took by the node’s clock', async () => {
  await writeFile(join(logs, 'a.log'), 'x'.repeat(3000));
  await writeFile(join(logs, 'b.log'), 'y'.repeat(2000));
  const told: GatherProgress[] = [];
  let atMs = Date.now();
  const { outcomes } = await gather([{ name: 'app', files: [join(logs, '*.log')] }], {
    nowMs: () => ++atMs,
    onProgress: (progress) => told.push(progress),
  });
  expect(outcomes['r/app']).toMatchObject({
    ...{ state: 'ok', bytes: 5000, records: { count: 2, of: 'files' } },
    expected: { bytes: 5000, basis: 'measured' },
  });
  expect(outcomes['r/app']?.elapsedMs).toBeGreaterThan(0);
  const [waiting] = told;
  expect(waiting).toMatchObject({ state: 'waiting', bytes: 0 });
  expect(waiting).not.toHaveProperty('elapsedMs');
  const elapsed = told.flatMap(({ elapsedMs }) => elapsedMs ?? []);
  expect(elapsed).toEqual([...elapsed].sort((a, b) => a - b));
  expect(told.every((message) => Check(GatherProgressMessage, message))).toBe(true);
});

test('a clock that is set back or far ahead meanwhile makes no message that the collector would refuse', async () => {
  for (const jumpMs of [-86_400_000, 100 * 365 * 86_400_000]) {
    let jumped = 0;
    const told: GatherProgress[] = [];
    await gather([{ name: 'say', command: ['echo', 'hello'] }], {
      nowMs: () => Date.now() + jumped,
      onProgress: (progress) => {
        told.push(progress);
        if (progress.state === 'running') jumped = jumpMs;
      },
    });
    expect(told.at(-1)?.state).toBe('ok');
    expect(told.every((message) => Check(GatherProgressMessage, message))).toBe(true);
  }
});

test('of a command it expects what it printed last time, else what the profile says, and nothing where nobody knows', async () => {
  const items: BundleItem[] = [
    { name: 'ran', command: ['echo', 'four'] },
    { name: 'declared', command: ['echo', 'five!'], expect: 4096 },
    { name: 'unknown', command: ['echo', 'anything'] },
  ];
  const sizes = openKnownSizes(folder);
  await gather(items.slice(0, 1), { sizes });
  const first = new Map<string, GatherProgress>();
  const { outcomes } = await gather(items, {
    sizes,
    onProgress: (progress) => void (first.has(progress.source) || first.set(progress.source, progress)),
  });
  const expected = Object.fromEntries([...first].map(([source, progress]) => [source, progress.expected]));
  expect(expected).toEqual({
    'r/ran': { bytes: 5, basis: 'last-run' },
    'r/declared': { bytes: 4096, basis: 'declared' },
    'r/unknown': undefined,
  });
  expect(outcomes['r/unknown']).not.toHaveProperty('records');
  const third = new Map<string, GatherProgress>();
  await gather(items, { sizes, onProgress: (progress) => void third.set(progress.source, progress) });
  expect(third.get('r/unknown')?.expected).toEqual({ bytes: 9, basis: 'last-run' });
});

test('a limit of size holds for what is expected too', async () => {
  await writeFile(join(logs, 'a.log'), 'x\n'.repeat(5000));
  const items: BundleItem[] = [
    { name: 'app', files: [join(logs, '*.log')] },
    { name: 'say', command: ['echo', 'x'], expect: 9000 },
  ];
  const { outcomes } = await gather(items, { sourceMaxBytes: { files: 4000, commands: 2000 } });
  expect(outcomes['r/app']?.expected).toEqual({ bytes: 4000, basis: 'measured' });
  expect(outcomes['r/say']?.expected).toEqual({ bytes: 2000, basis: 'declared' });
});

test('of files that wait behind a slow command it is told how much they are', async () => {
  await writeFile(join(logs, 'a.log'), 'x'.repeat(3000));
  const go = join(folder, 'go');
  const told: GatherProgress[] = [];
  const { outcomes } = await gather(
    [
      { name: 'slow', command: ['sh', '-c', `until [ -e ${go} ]; do sleep 0.05; done`] },
      { name: 'app', files: [join(logs, '*.log')] },
    ],
    {
      onProgress: (progress) => {
        told.push(progress);
        if (progress.source === 'r/app' && progress.state === 'waiting' && progress.expected) void writeFile(go, '');
      },
    },
  );
  expect(outcomes['r/slow']?.state).toBe('ok');
  expect(told).toContainEqual(
    expect.objectContaining({ source: 'r/app', state: 'waiting', expected: { bytes: 3000, basis: 'measured' } }),
  );
});

test('of files without a size, and of what a link stands for, nobody knows how much they bring', async () => {
  await writeFile(join(logs, 'a.log'), 'x'.repeat(3000));
  await symlink(join(logs, 'a.log'), join(folder, 'current'));
  const { outcomes } = await gather([
    { name: 'proc', files: ['/proc/self/status'] },
    { name: 'link', files: [join(folder, 'current')] },
  ]);
  for (const source of ['r/proc', 'r/link']) {
    expect(outcomes[source]).toMatchObject({ state: 'ok', records: { count: 1, of: 'files' } });
    expect(outcomes[source]).not.toHaveProperty('expected');
  }
});
