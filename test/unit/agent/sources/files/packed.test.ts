import {
  appendFileSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createFilesSource } from '../../../../../agent/sources/files/source.ts';
import type { Source } from '../../../../../agent/sources/source.ts';
import { patient } from '../../../../patience.ts';
import { createRecordingPipeline, type RecordingPipeline } from '../recording-pipeline.ts';
import { createSourceContext, type Sample } from '../source-context.ts';

let folder: string;
let recording: RecordingPipeline;
let source: Source | undefined;
let collect: () => Promise<Sample[]>;
let written = 0;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sx-packed-'));
  recording = createRecordingPipeline();
  written = 0;
});
afterEach(async () => {
  await source?.close();
  source = undefined;
  rmSync(folder, { recursive: true, force: true });
});

const path = (name: string) => join(folder, name);

async function start(): Promise<void> {
  const made = createSourceContext({
    logs: recording.pipeline,
    settings: { 'agent.files.follow': [path('*.log')], 'agent.files.pollEvery': 20 },
  });
  collect = made.collect;
  source = createFilesSource(made.context);
  await source.start();
}

async function stop(): Promise<void> {
  await source?.close();
  source = undefined;
  recording.restart();
}

function write(count: number, name = 'app.log'): void {
  let text = '';
  for (let index = 0; index < count; index += 1) text += `line ${written++} of the story\n`;
  appendFileSync(path(name), text);
}

/** As logrotate does: the compressed file keeps the time of the last line. */
function pack(name: string, extension: 'gz' | 'zst' | 'xz', modified = new Date()): void {
  const text = readFileSync(path(name));
  writeFileSync(path(`${name}.${extension}`), extension === 'zst' ? zstdCompressSync(text) : gzipSync(text));
  utimesSync(path(`${name}.${extension}`), modified, modified);
  unlinkSync(path(name));
}

const numbers = () =>
  recording
    .bodies()
    .map((body) => Number(/^line (\d+) of/.exec(body)?.[1] ?? Number.NaN))
    .filter((number) => !Number.isNaN(number))
    .sort((left, right) => left - right);
const expectExactlyOnce = () =>
  vi.waitFor(() => expect(numbers()).toEqual(Array.from({ length: written }, (_, index) => index)), patient);

/** All has been read, only the file that is followed keeps a mark, and nothing is read again at the next start. */
async function expectNothingLeft(): Promise<void> {
  await expectExactlyOnce();
  await vi.waitFor(
    () => expect([...recording.durable.keys()].filter((key) => key.startsWith('file:'))).toHaveLength(1),
    patient,
  );
  await stop();
  write(5);
  await start();
  await expectExactlyOnce();
}

test.each(['gz', 'zst'] as const)(
  'reads the rest of a file that was compressed while the agent was away (%s)',
  async (extension) => {
    write(1000);
    await start();
    await expectExactlyOnce();
    await stop();
    write(20_000);
    renameSync(path('app.log'), path('app.log.1'));
    pack('app.log.1', extension);
    write(10);
    await start();
    await expectNothingLeft();
  },
);

test('reads nothing of a compressed rotation twice', async () => {
  await start();
  for (let turn = 0; turn < 3; turn += 1) {
    write(200);
    await expectExactlyOnce();
    renameSync(path('app.log'), path(`app.log.${turn}`));
    write(20, `app.log.${turn}`);
    await expectExactlyOnce();
    pack(`app.log.${turn}`, 'gz');
    if (turn === 1) {
      await stop();
      await start();
    }
  }
  write(10);
  await expectExactlyOnce();
});

test('reads rotations that came and were compressed while the agent was away, but none from before', async () => {
  writeFileSync(path('old.log.1'), 'from before\n');
  pack('old.log.1', 'gz', new Date(Date.now() - 86_400_000));
  write(10);
  await start();
  await expectExactlyOnce();
  await stop();
  const soon = new Date(Date.now() + 1000);
  for (const name of ['app.log.2', 'app.log.1']) {
    write(300);
    renameSync(path('app.log'), path(name));
    pack(name, 'gz', soon);
  }
  write(10);
  await start();
  await expectExactlyOnce();
  expect(recording.bodies()).not.toContain('from before');
});

/** The file that was followed had the inode of `name`, as where a filesystem gives a deleted file's inode away again. */
function pretendInodeOf(name: string): void {
  const inode = String(statSync(path(name)).ino);
  const [[key = '', text = ''] = []] = [...recording.durable].filter(([each]) => each.startsWith('file:'));
  const position = JSON.parse(text);
  recording.durable.delete(key);
  recording.durable.set(key.replace(position.ino, inode), JSON.stringify({ ...position, ino: inode }));
}

test.each(['app.log.1.gz', 'app.log.2.gz', 'app.pid'])(
  'reads the rest of a file whose inode went to %s while the agent was away',
  async (reused) => {
    write(10);
    await start();
    await expectExactlyOnce();
    await stop();
    await setTimeout(5);
    for (const name of ['app.log.2', 'app.log.1']) {
      write(300);
      renameSync(path('app.log'), path(name));
      pack(name, 'gz');
    }
    write(10);
    writeFileSync(path('app.pid'), '1234');
    pretendInodeOf(reused);
    await start();
    await expectNothingLeft();
  },
);

test.each(['other.log', 'a-other.log'])(
  'reads the rest of a file whose inode went to another followed log, %s, while the agent was away',
  async (reused) => {
    write(10);
    await start();
    await expectExactlyOnce();
    await stop();
    await setTimeout(5);
    write(300);
    renameSync(path('app.log'), path('app.log.1'));
    pack('app.log.1', 'gz');
    write(10);
    writeFileSync(path(reused), 'one line of another log\n');
    pretendInodeOf(reused);
    await start();
    await expectExactlyOnce();
    await vi.waitFor(() => expect(recording.bodies()).toContain('one line of another log'), patient);
    // Neither twice nor told as lost, and not of the log that has done nothing.
    expect(recording.bodies().filter((body) => body.includes('truncated'))).toEqual([]);
    await stop();
    write(5);
    await start();
    await expectExactlyOnce();
    expect(recording.bodies().filter((body) => body.startsWith('one line'))).toHaveLength(1);
  },
);

test('goes on after a crash in the middle of a rotation that came while the agent was away', async () => {
  write(10);
  await start();
  await expectExactlyOnce();
  await stop();
  renameSync(path('app.log'), path('app.log.2'));
  write(60_000);
  renameSync(path('app.log'), path('app.log.1'));
  pack('app.log.1', 'gz', new Date(Date.now() + 1000));
  const crashed = recording.crashAfter(500);
  await start();
  await crashed;
  await source?.close();
  expect(numbers().length).toBeLessThan(60_000);
  await start();
  await expectExactlyOnce();
});

test('goes on in the middle of a compressed file after a crash', async () => {
  write(10);
  await start();
  await expectExactlyOnce();
  await stop();
  write(60_000);
  renameSync(path('app.log'), path('app.log.1'));
  pack('app.log.1', 'gz');
  const crashed = recording.crashAfter(500);
  await start();
  await crashed;
  await source?.close();
  await start();
  await expectExactlyOnce();
});

test.each(['xz', 'gone'] as const)(
  'says of what went in an absence that nobody knows what it held (%s)',
  async (how) => {
    write(10);
    await start();
    await expectExactlyOnce();
    await stop();
    write(100);
    renameSync(path('app.log'), path('app.log.1'));
    if (how === 'xz') pack('app.log.1', 'xz');
    else unlinkSync(path('app.log.1'));
    await start();
    await vi.waitFor(
      () => expect(recording.bodies().at(-1)).toMatch(/app\.log was truncated or deleted while it was not followed/),
      patient,
    );
    expect(recording.records.at(-1)?.attributes).toMatchObject({ 'sextant.gap.bytes': -1 });
    expect((await collect()).find(({ name }) => name === 'sextant.files.unwatched')?.value).toBe(1);
    // All that had been seen of it was read: nothing is known to be lost.
    expect(source?.health().detail).not.toContain('lost');
  },
);
