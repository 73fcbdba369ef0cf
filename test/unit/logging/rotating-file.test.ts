import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openRotatingFile } from '../../../logging/rotating-file.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sextant-rotate-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('keeps the newest generations and none grows past its size', () => {
  const path = join(folder, 'x.log');
  const file = openRotatingFile(path, { maxBytes: 10, keep: 2 });
  for (let number = 0; number < 9; number++) file.write(`line${number}\n`);
  file.close();
  expect(readdirSync(folder).sort()).toEqual(['x.log', 'x.log.1', 'x.log.2']);
  expect(readFileSync(path, 'utf8')).toBe('line8\n');
  expect(readFileSync(`${path}.1`, 'utf8')).toBe('line7\n');
  expect(readFileSync(`${path}.2`, 'utf8')).toBe('line6\n');
});

test('goes on where an earlier run stopped, readable by its owner alone', () => {
  const path = join(folder, 'x.log');
  for (const text of ['first\n', 'second\n']) {
    const file = openRotatingFile(path, { maxBytes: 100, keep: 1 });
    file.write(text);
    file.close();
  }
  expect(readFileSync(path, 'utf8')).toBe('first\nsecond\n');
  expect(statSync(path).mode & 0o777).toBe(0o600);
});
