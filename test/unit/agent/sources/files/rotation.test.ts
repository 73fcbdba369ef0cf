import {
  appendFileSync,
  copyFileSync,
  mkdtempSync,
  renameSync,
  rmSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createFilesSource } from '../../../../../agent/sources/files/source.ts';
import type { Source } from '../../../../../agent/sources/source.ts';
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
});
afterEach(async () => {
  await source?.close();
  source = undefined;
  rmSync(folder, { recursive: true, force: true });
});

const path = (name: string) => join(folder, name);

async function start(glob = '*.log'): Promise<void> {
  const { context } = createSourceContext({
    logs: recording.pipeline,
    settings: { 'agent.files.follow': [join(folder, glob)], 'agent.files.pollEvery': 20 },
  });
  source = createFilesSource(context);
  await source.start();
}

/** Ends the agent without warning: only what was durable is there for the next. */
async function crash(): Promise<void> {
  recording.crash();
  await source?.close();
  recording.crash();
}

function write(count: number, name = 'app.log'): void {
  const lines: string[] = [];
  for (let index = 0; index < count; index += 1) lines.push(`line ${written++} of the story`);
  appendFileSync(path(name), `${lines.join('\n')}\n`);
}

async function expectExactlyOnce(): Promise<void> {
  const wanted = Array.from({ length: written }, (_, index) => `line ${index} of the story`);
  await vi.waitFor(() => expect(recording.records.length).toBeGreaterThanOrEqual(written), 5_000);
  expect(recording.bodies().toSorted()).toEqual(wanted.toSorted());
  expect(new Set(recording.records.map(({ attributes }) => attributes?.['log.record.uid'])).size).toBe(written);
}
const read = (count: number) => vi.waitFor(() => expect(recording.records.length).toBeGreaterThanOrEqual(count), 5_000);

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
  await vi.waitFor(() => expect(recording.records.length).toBe(10), { timeout: 1_000, interval: 10 });
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
