import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createFileQuestions } from '../../../../agent/filesystems/file-questions.ts';
import { readSmallFile } from '../../../../agent/filesystems/small-file.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sx-small-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const signal = new AbortController().signal;
const read = (path: string, questions = createFileQuestions({ most: 2 })) =>
  readSmallFile(questions, path, { what: 'probes.ca', maxBytes: 10, signal });

test('reads a file up to its bound, and tells who may read it', async () => {
  const path = join(folder, 'a');
  writeFileSync(path, '0123456789', { mode: 0o640 });
  const { content, stats } = await read(path);
  expect(content.toString()).toBe('0123456789');
  expect(stats.mode & 0o777).toBe(0o640);
  writeFileSync(path, '0123456789a');
  await expect(read(path)).rejects.toThrow(`probes.ca ${path}: it is longer than 10 bytes; name another file`);
});

test('neither a pipe nor a folder nor a device is read, and each error says what to do', async () => {
  const pipe = join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
  await expect(read(pipe)).rejects.toThrow('it is not a regular file; name another file in the profile');
  mkdirSync(join(folder, 'folder'));
  await expect(read(join(folder, 'folder'))).rejects.toThrow('it is not a regular file');
  await expect(read('/dev/zero')).rejects.toThrow('it is not a regular file');
  await expect(read(join(folder, 'none'))).rejects.toThrow(/no such file.*; put it there, or correct its path/);
});

test('a filesystem that does not answer is given up', async () => {
  const mounts = { ...createFileQuestions({ most: 1 }).mounts, of: () => '/dead' };
  const questions = createFileQuestions({ most: 2, overdueMs: 20, mounts });
  const end = Promise.withResolvers<void>();
  const held = questions.ask('/dead/other', () => end.promise);
  await expect(read('/dead/ca.pem', questions)).rejects.toThrow(/has not answered since.*; mount it again/);
  end.resolve();
  await held;
});
