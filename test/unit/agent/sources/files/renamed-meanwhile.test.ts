import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  renameSync,
  rmSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import type { readdir as Readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createFilesystemIds } from '../../../../../agent/sources/files/filesystem-ids.ts';
import { findInFolder } from '../../../../../agent/sources/files/find-in-folder.ts';
import { inodeOf } from '../../../../../agent/sources/files/identity.ts';
import { positionKey } from '../../../../../agent/sources/files/position.ts';
import { askedAlready } from '../../../../../agent/sources/files/scan-questions.ts';
import { createFilesSource } from '../../../../../agent/sources/files/source.ts';
import type { Source } from '../../../../../agent/sources/source.ts';
import { patient } from '../../../../patience.ts';
import { createRecordingPipeline, type RecordingPipeline } from '../recording-pipeline.ts';
import { createSourceContext } from '../source-context.ts';

/** What happens right after the next listings of the folder, one each, before anybody has looked at a name of them. */
let afterListings: ((() => void) | undefined)[] = [];
/** What becomes of the next files that are opened to see what they are. */
let opened: ('refused' | 'deleted')[] = [];

vi.mock('node:fs/promises', async (importActual) => {
  const actual = await importActual<typeof import('node:fs/promises')>();
  const readdir = async (...args: Parameters<typeof Readdir>) => {
    const listed = await actual.readdir(...args);
    if (String(args[0]) === folder) afterListings.shift()?.();
    return listed;
  };
  return { ...actual, readdir };
});

vi.mock('../../../../../agent/open-trusted.ts', async (importActual) => {
  const actual = await importActual<typeof import('../../../../../agent/open-trusted.ts')>();
  const openTrusted: typeof actual.openTrusted = async (name, flags) => {
    const becomes = opened.shift();
    if (becomes === 'refused') throw Object.assign(new Error('not allowed'), { code: 'EACCES' });
    const file = await actual.openTrusted(name, flags);
    if (becomes === 'deleted') unlinkSync(name);
    return file;
  };
  return { ...actual, openTrusted };
});

let folder: string;
let recording: RecordingPipeline;
let source: Source | undefined;
let written = 0;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sx-renamed-'));
  recording = createRecordingPipeline();
  written = 0;
});
afterEach(async () => {
  afterListings = [];
  opened = [];
  await source?.close();
  source = undefined;
  rmSync(folder, { recursive: true, force: true });
});

const path = (name: string) => join(folder, name);

async function start(): Promise<void> {
  const { context } = createSourceContext({
    logs: recording.pipeline,
    settings: { 'agent.files.follow': [path('app.log')], 'agent.files.pollEvery': 20 },
  });
  source = createFilesSource(context);
  await source.start();
}

async function crash(): Promise<void> {
  recording.crash();
  await source?.close();
}

function write(count: number): void {
  for (let line = 0; line < count; line += 1) appendFileSync(path('app.log'), `line ${written++} of the story\n`);
}

/** Moves all older ones on by one, as logrotate does. */
function makeRoomForFirst(): void {
  let last = 1;
  while (existsSync(path(`app.log.${last}`))) last += 1;
  for (; last > 1; last -= 1) renameSync(path(`app.log.${last - 1}`), path(`app.log.${last}`));
}

function rotate(): void {
  makeRoomForFirst();
  renameSync(path('app.log'), path('app.log.1'));
  writeFileSync(path('app.log'), '');
}

const lines = () => recording.records.filter(({ attributes }) => attributes?.['log.record.uid'] !== undefined);
const reports = () => recording.records.filter(({ attributes }) => attributes?.['sextant.gap.bytes'] !== undefined);
const read = (count: number) => vi.waitFor(() => expect(lines().length).toBeGreaterThanOrEqual(count), patient);

async function expectExactlyOnceWithoutLoss(): Promise<void> {
  await read(written);
  // Whatever is being read or reported comes before this.
  await source?.close();
  recording.restart();
  expect(lines().map(({ body }) => body)).toHaveLength(written);
  expect(new Set(lines().map(({ body }) => body)).size).toBe(written);
  expect(reports().map(({ body }) => body)).toEqual([]);
}

test('does not take a file for deleted that was renamed while the first look was under way', async () => {
  await start();
  for (let rotation = 0; rotation < 3; rotation += 1) {
    write(5);
    await read(written);
    rotate();
  }
  write(5);
  await read(written);
  await crash();
  afterListings = [rotate];
  await start();
  write(5);
  await expectExactlyOnceWithoutLoss();
  // What was thought to be gone would have been forgotten, and read again now.
  await crash();
  await start();
  write(5);
  await expectExactlyOnceWithoutLoss();
});

test('finds the copy of a truncated file that is renamed while it is looked for', async () => {
  write(5);
  await start();
  await read(5);
  await crash();
  write(5);
  copyFileSync(path('app.log'), path('app.log.1'));
  truncateSync(path('app.log'));
  write(5);
  // The first listing is that of all there is, the second one looks for the copy.
  afterListings = [undefined, rotate];
  await start();
  expect(afterListings).toEqual([]);
  await expectExactlyOnceWithoutLoss();
});

test('finds a file in a folder that is renamed each time before its name is looked at', async () => {
  const filesystemId = createFilesystemIds();
  write(1);
  const key = async () => {
    const inode = await inodeOf(path('app.log'), filesystemId);
    return positionKey(inode?.dev ?? '', inode?.ino ?? '');
  };
  const wanted = await key();
  afterListings = [rotate, rotate];
  expect(await findInFolder(folder, new Set([wanted]), filesystemId, askedAlready)).toEqual(
    new Map([[wanted, path('app.log.2')]]),
  );
  const gone = await key();
  unlinkSync(path('app.log'));
  expect(await findInFolder(folder, new Set([wanted, gone]), filesystemId, askedAlready)).toEqual(
    new Map([[wanted, path('app.log.2')]]),
  );
});

test('does not take a file for deleted that could not be read for a while', async () => {
  write(5);
  await start();
  await read(5);
  await crash();
  opened = ['refused', 'refused'];
  await start();
  expect(opened).toEqual([]);
  await crash();
  await start();
  write(5);
  await expectExactlyOnceWithoutLoss();
});

test('reads a file to its end that is deleted as soon as it was found', async () => {
  write(5);
  await start();
  await read(5);
  await crash();
  write(5);
  opened = ['deleted'];
  await start();
  await expectExactlyOnceWithoutLoss();
});
