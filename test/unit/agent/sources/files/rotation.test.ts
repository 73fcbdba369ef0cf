import {
  appendFileSync,
  copyFileSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createFilesSource } from '../../../../../agent/sources/files/source.ts';
import type { Source } from '../../../../../agent/sources/source.ts';
import { patient } from '../../../../patience.ts';
import { createRecordingPipeline, type RecordingPipeline } from '../recording-pipeline.ts';
import { createSourceContext } from '../source-context.ts';

let folder: string;
let recording: RecordingPipeline;
let source: Source | undefined;
let written = 0;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sx-files-'));
  recording = createRecordingPipeline();
  written = 0;
  skewMs = 0;
});
afterEach(async () => {
  await source?.close();
  source = undefined;
  rmSync(folder, { recursive: true, force: true });
});

const path = (name: string) => join(folder, name);

let skewMs = 0;

async function start(glob = '*.log'): Promise<void> {
  const { context } = createSourceContext({
    logs: recording.pipeline,
    settings: { 'agent.files.follow': [join(folder, glob)], 'agent.files.pollEvery': 20 },
    nowMs: () => Date.now() + skewMs,
  });
  source = createFilesSource(context);
  await source.start();
}

/** Ends the agent without warning: only what was durable is there for the next. */
async function crash(): Promise<void> {
  recording.crash();
  await source?.close();
}

function write(count: number, name = 'app.log'): void {
  const lines: string[] = [];
  for (let index = 0; index < count; index += 1) lines.push(`line ${written++} of the story`);
  appendFileSync(path(name), `${lines.join('\n')}\n`);
}

/**
 * Resolves when the source has looked at its files again, four polls of 20 ms apart. It answers no question while the pipeline
 * is full; but its timers and reads wait in the same loop and the same pool as these, and come before the later ones.
 */
async function looked(): Promise<void> {
  for (let turn = 0; turn < 12; turn += 1) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    await stat(folder);
  }
}

const lines = () => recording.records.filter(({ attributes }) => attributes?.['log.record.uid'] !== undefined);

async function expectExactlyOnce(): Promise<void> {
  const wanted = Array.from({ length: written }, (_, index) => `line ${index} of the story`);
  await vi.waitFor(() => expect(lines().length).toBeGreaterThanOrEqual(written), patient);
  const bodies = lines().map(({ body }) => String(body));
  const missing = new Set(wanted).difference(new Set(bodies));
  expect({ missing: [...missing], repeated: bodies.length - new Set(bodies).size }).toEqual({
    missing: [],
    repeated: 0,
  });
  expect(new Set(lines().map(({ attributes }) => attributes?.['log.record.uid'])).size).toBe(written);
}
const read = (count: number) => vi.waitFor(() => expect(lines().length).toBeGreaterThanOrEqual(count), patient);

test('reads a new file from its beginning and every appended line', async () => {
  write(100);
  await start();
  await read(100);
  write(100);
  await expectExactlyOnce();
});

test('finds a file that is made after the start within the poll interval', async () => {
  await start();
  write(10);
  await vi.waitFor(() => expect(recording.records.length).toBe(10), { ...patient, interval: 10 });
});

test('holds a line back until its end is written', async () => {
  writeFileSync(path('app.log'), 'line 0 of the ');
  await start();
  appendFileSync(path('app.log'), 'story\n');
  written = 1;
  await expectExactlyOnce();
});

test('follows a renamed file to its end and begins the new one', async () => {
  await start();
  for (let turn = 0; turn < 5; turn += 1) {
    write(50);
    await read(written - 20);
    renameSync(path('app.log'), path(`app.log.${turn}`));
    // The writer still holds the old file for a moment.
    write(20, `app.log.${turn}`);
    write(50);
  }
  await expectExactlyOnce();
});

test('reads on behind a copytruncate, also what the truncation took away', async () => {
  write(200);
  await start();
  await read(200);
  write(50);
  copyFileSync(path('app.log'), path('app.log.1'));
  truncateSync(path('app.log'));
  write(30);
  await expectExactlyOnce();
});

test('begins anew when a file is deleted and made again', async () => {
  write(60);
  await start();
  await read(60);
  unlinkSync(path('app.log'));
  write(40);
  await expectExactlyOnce();
});

test('resumes at the durable position after a crash', async () => {
  write(5_000);
  await start();
  await read(1);
  await crash();
  write(500);
  await start();
  await expectExactlyOnce();
});

test('finishes a file that was renamed while the agent was away', async () => {
  write(300);
  await start();
  await read(300);
  await crash();
  write(40);
  renameSync(path('app.log'), path('app.log.1'));
  write(70);
  await start();
  await expectExactlyOnce();
});

test('notices a truncation while the agent was away', async () => {
  write(300);
  await start();
  await read(300);
  await crash();
  copyFileSync(path('app.log'), path('app.log.1'));
  truncateSync(path('app.log'));
  write(10);
  await start();
  await expectExactlyOnce();
});

test('reads files that were rotated before they were ever seen', async () => {
  await start();
  for (let turn = 0; turn < 4; turn += 1) {
    write(30);
    for (let older = turn; older > 0; older -= 1) renameSync(path(`app.log.${older}`), path(`app.log.${older + 1}`));
    renameSync(path('app.log'), path('app.log.1'));
  }
  write(10);
  await expectExactlyOnce();
});

test('reads files that were made and rotated while the agent was away', async () => {
  write(20);
  await start();
  await read(20);
  await crash();
  for (let turn = 3; turn > 0; turn -= 1) {
    write(25);
    renameSync(path('app.log'), path(`app.log.${turn}`));
    write(5, `app.log.${turn}`);
  }
  write(10);
  await start();
  await expectExactlyOnce();
});

test.each(['*.log', 'app.log*'])('reads nothing twice when copytruncate goes on for long (%s)', async (glob) => {
  await start(glob);
  for (let turn = 0; turn < 6; turn += 1) {
    write(40);
    if (turn % 2 === 0) await read(written);
    for (let older = turn; older > 0; older -= 1) renameSync(path(`app.log.${older}`), path(`app.log.${older + 1}`));
    copyFileSync(path('app.log'), path('app.log.1'));
    truncateSync(path('app.log'));
    if (turn === 3) {
      await crash();
      await start(glob);
    }
    write(3);
    await read(written);
  }
  await expectExactlyOnce();
});

test('passes over a copy that is made long before the truncation', async () => {
  await start('app.log*');
  write(50);
  await read(50);
  copyFileSync(path('app.log'), path('app.log.1'));
  write(50);
  await read(100);
  await crash();
  await start('app.log*');
  write(10);
  await expectExactlyOnce();
});

test('hands out a last line without an end once the file was rotated and nobody adds to it', async () => {
  await start();
  writeFileSync(path('app.log'), 'line 0 of the story\nline 1 of the story');
  await read(1);
  renameSync(path('app.log'), path('app.log.1'));
  writeFileSync(path('app.log'), 'line 2 of the story\n');
  await read(2);
  skewMs = 6_000;
  written = 3;
  await expectExactlyOnce();
});

test('reports how much of a truncated file nobody has read', async () => {
  write(10);
  await start();
  await read(10);
  const release = recording.fill();
  write(1);
  // The look that finds these lines waits for the pipeline; meanwhile they go.
  appendFileSync(path('app.log'), 'x'.repeat(300));
  await looked();
  truncateSync(path('app.log'));
  release();
  await vi.waitFor(() => expect(recording.bodies().at(-1)).toMatch(/^\d+ bytes of .*app\.log were truncated/), patient);
  expect(source?.health().detail).toMatch(/content lost 1 times/);
});

const reports = () => recording.records.filter(({ attributes }) => attributes?.['sextant.gap.bytes'] !== undefined);

test('reports nothing when lines between copy and truncation were read, and exactly what was not', async () => {
  write(10);
  await start();
  await read(10);
  copyFileSync(path('app.log'), path('app.log.1'));
  write(5);
  await read(15);
  truncateSync(path('app.log'));
  write(5);
  await expectExactlyOnce();
  expect(reports()).toEqual([]);
  // Again, with lines that were seen and not read.
  copyFileSync(path('app.log'), path('app.log.2'));
  const release = recording.fill();
  write(1);
  const lost = 'x'.repeat(299);
  await looked();
  appendFileSync(path('app.log'), `${lost}\n`);
  await looked();
  truncateSync(path('app.log'));
  release();
  write(5);
  await vi.waitFor(
    () => expect(lines().map(({ body }) => body)).toContain(`line ${written - 1} of the story`),
    patient,
  );
  const missing = Array.from({ length: written }, (_, index) => `line ${index} of the story`)
    .concat(lost)
    .filter((line) => !lines().some(({ body }) => body === line));
  const missingBytes = missing.reduce((sum, line) => sum + line.length + 1, 0);
  await vi.waitFor(
    () =>
      expect(reports().map(({ attributes }) => attributes?.['sextant.gap.bytes'])).toEqual(
        missingBytes > 0 ? [missingBytes] : [],
      ),
    patient,
  );
});

test('counts what had been seen of a file that was deleted while the agent was away', async () => {
  write(10);
  await start();
  await read(10);
  appendFileSync(path('app.log'), `line ${written++} of the story\nhalf a line`);
  await read(11);
  await vi.waitFor(() => expect([...recording.durable.values()].join()).toContain('"seen"'), patient);
  await crash();
  unlinkSync(path('app.log'));
  await start();
  await vi.waitFor(
    () => expect(reports().map(({ body }) => body)).toEqual([expect.stringMatching(/^At least 11 bytes/)]),
    patient,
  );
});

test('knows a short copy that was made before the last lines of a short file were read', async () => {
  write(10);
  await start();
  await read(10);
  const copied = readFileSync(path('app.log'));
  write(5);
  await read(15);
  writeFileSync(path('app.log.1'), copied);
  await looked();
  truncateSync(path('app.log'));
  write(5);
  await expectExactlyOnce();
  expect(reports()).toEqual([]);
  await crash();
  write(5);
  await start();
  await expectExactlyOnce();
});

test('waits for a copy of which only the beginning is there', async () => {
  await start('app.log*');
  write(100);
  await read(100);
  writeFileSync(path('app.log.1'), '');
  await new Promise((resolve) => setTimeout(resolve, 150));
  const text = readFileSync(path('app.log'));
  for (const half of [text.subarray(0, 700), text.subarray(700)]) {
    appendFileSync(path('app.log.1'), half);
    await new Promise((resolve) => setTimeout(resolve, 150));
  }
  truncateSync(path('app.log'));
  write(10);
  await expectExactlyOnce();
});

test('takes a copy that got the inode of a deleted file for what it is', async () => {
  write(30);
  await start();
  await read(30);
  renameSync(path('app.log'), path('app.log.1'));
  write(30);
  await read(60);
  const before = statSync(path('app.log.1')).ino;
  await crash();
  unlinkSync(path('app.log.1'));
  copyFileSync(path('app.log'), path('app.log.1'));
  if (statSync(path('app.log.1')).ino !== before) console.warn('the filesystem used no inode again: not shown here');
  await start();
  write(10);
  await expectExactlyOnce();
});

test('follows a file that was moved into the folder from elsewhere', async () => {
  await start();
  const elsewhere = mkdtempSync(join(tmpdir(), 'sx-elsewhere-'));
  writeFileSync(join(elsewhere, 'b.log'), 'line 0 of the story\n');
  renameSync(join(elsewhere, 'b.log'), path('b.log'));
  rmSync(elsewhere, { recursive: true });
  written = 1;
  await expectExactlyOnce();
});

test('reads a file with two names once', async () => {
  write(10);
  linkSync(path('app.log'), path('hard.log'));
  symlinkSync(path('app.log'), path('soft.log'));
  await start();
  write(10);
  await expectExactlyOnce();
});

test('finds files in a folder that is made later', async () => {
  await start('*/*.log');
  mkdirSync(path('service'));
  write(10, 'service/app.log');
  await expectExactlyOnce();
});

test.each([4, 8, 12])('reads every line once through any mix of rotations and crashes (%i)', async (start0) => {
  let seed = start0;
  const random = (below: number) => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return (seed >>> 8) % below;
  };
  await start();
  let rotations = 0;
  for (let step = 0; step < 120; step += 1) {
    write(1 + random(40));
    const what = random(10);
    if (what === 0) {
      await crash();
      await start();
    } else if (what === 1) {
      renameSync(path('app.log'), path(`app.log.${1000 + rotations++}`));
    } else if (what === 2) {
      copyFileSync(path('app.log'), path(`app.log.${1000 + rotations++}`));
      truncateSync(path('app.log'));
    } else if (what < 6) await new Promise((resolve) => setTimeout(resolve, random(30)));
  }
  await expectExactlyOnce();
});
