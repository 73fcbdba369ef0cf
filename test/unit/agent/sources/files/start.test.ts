import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createFilesSource } from '../../../../../agent/sources/files/source.ts';
import type { Source } from '../../../../../agent/sources/source.ts';
import { patient } from '../../../../patience.ts';
import { createRecordingPipeline, type RecordingPipeline } from '../recording-pipeline.ts';
import { createSourceContext, emptyProfile } from '../source-context.ts';

let folder: string;
let recording: RecordingPipeline;
let source: Source | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sx-start-'));
  recording = createRecordingPipeline();
});
afterEach(async () => {
  await source?.close();
  rmSync(folder, { recursive: true, force: true });
});

async function start(options: { follow?: string[]; profile?: string[]; exclude?: string[] }): Promise<void> {
  const { context } = createSourceContext({
    logs: recording.pipeline,
    settings: { 'agent.files.follow': options.follow ?? [], 'agent.files.pollEvery': 20 },
    profile: { files: { ...emptyProfile.files, follow: options.profile ?? [], exclude: options.exclude ?? [] } },
  });
  source = createFilesSource(context);
  await source.start();
}
const lines = 40_000;
/** 60 bytes a line: 2.4 MB. */
const big = () => Array.from({ length: lines }, (_, index) => `${String(index).padEnd(59, '.')}\n`).join('');
const numbers = () => recording.bodies().map((body) => Number.parseInt(body, 10));

test('begins a big log that was there before with the first line of its last MiB', async () => {
  writeFileSync(join(folder, 'old.log'), big());
  await new Promise((resolve) => setTimeout(resolve, 20));
  await start({ profile: [join(folder, '*.log')] });
  await vi.waitFor(() => expect(numbers().at(-1)).toBe(lines - 1), patient);
  expect(recording.records.length).toBe(Math.floor((1024 * 1024) / 60));
  expect(numbers()).toEqual(
    Array.from({ length: recording.records.length }, (_, index) => lines - recording.records.length + index),
  );
});

test('reads all of what the operator names, and of what is made later', async () => {
  writeFileSync(join(folder, 'named.log'), big());
  await start({ follow: [join(folder, 'named.log')], profile: [join(folder, '*.log')] });
  await vi.waitFor(() => expect(recording.records.length).toBe(lines), patient);
  writeFileSync(join(folder, 'later.log'), big());
  await vi.waitFor(() => expect(recording.records.length).toBe(2 * lines), patient);
});

test('follows what the operator names even where the profile excludes it', async () => {
  writeFileSync(join(folder, 'a.log'), 'a\n');
  writeFileSync(join(folder, 'b.log'), 'b\n');
  await start({ follow: [join(folder, 'a.log')], profile: [join(folder, '*.log')], exclude: [join(folder, '*.log')] });
  await vi.waitFor(() => expect(recording.bodies()).toEqual(['a']), patient);
});

test('decodes UTF-16 with a byte order mark, also when it grows', async () => {
  const path = join(folder, 'wide.log');
  writeFileSync(path, Buffer.from('\ufefferste Zeile\r\n', 'utf16le'));
  await start({ follow: [path] });
  await vi.waitFor(() => expect(recording.bodies()).toEqual(['erste Zeile']), patient);
  appendFileSync(path, Buffer.from('größer\r\n', 'utf16le'));
  await vi.waitFor(() => expect(recording.bodies()).toEqual(['erste Zeile', 'größer']), patient);
});

test('splits a line over the limit and goes on behind it', async () => {
  const path = join(folder, 'long.log');
  writeFileSync(path, `${'x'.repeat(600 * 1024)}\nnext\n`);
  await start({ follow: [path] });
  await vi.waitFor(() => expect(recording.records.length).toBe(4), patient);
  expect(recording.records.map(({ attributes }) => attributes?.['sextant.log.split'])).toEqual([
    'start',
    'middle',
    'end',
    undefined,
  ]);
  expect(recording.bodies().map((body) => body.length)).toEqual([262_144, 262_144, 90_112, 4]);
});

test('says how many files it may not read', async () => {
  if (process.getuid?.() === 0) return;
  writeFileSync(join(folder, 'secret.log'), 'x\n', { mode: 0o000 });
  await start({ follow: [join(folder, '*.log')] });
  expect(source?.health().detail).toBe('0 files, 1 may not be read');
});
