import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readTextFile } from '../../../config/text-file.ts';

const isPosix = process.platform !== 'win32';
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sextant-text-file-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('reads a file, also by a link and of a size that nobody tells', () => {
  const file = join(folder, 'a.yaml');
  writeFileSync(file, 'größe: 1\n');
  expect(readTextFile(file, 100)).toBe('größe: 1\n');
  symlinkSync(file, join(folder, 'b.yaml'));
  expect(readTextFile(join(folder, 'b.yaml'), 100)).toBe('größe: 1\n');
  if (process.platform === 'linux') expect(readTextFile('/proc/self/mountinfo', 2 ** 20)).toContain(' - ');
});

test('takes as many bytes as it is told, and refuses one more', () => {
  const file = join(folder, 'a.yaml');
  writeFileSync(file, 'x'.repeat(10));
  expect(readTextFile(file, 10)).toHaveLength(10);
  expect(() => readTextFile(file, 9)).toThrow('it has more than 9 bytes');
});

test.skipIf(!isPosix)('says what stands there when it is no file, and waits for none of it', () => {
  const pipe = join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
  expect(() => readTextFile(pipe, 100)).toThrow('it is a pipe, not a file');
  expect(() => readTextFile('/dev/zero', 100)).toThrow('it is a device, not a file');
  expect(() => readTextFile(folder, 100)).toThrow('it is a folder, not a file');
  expect(() => readTextFile(join(folder, 'none'), 100)).toThrow(/^ENOENT/);
});
