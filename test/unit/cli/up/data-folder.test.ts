import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { checkDataFolder, makeDataFolder } from '../../../../cli/up/data-folder.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sextant-data-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('takes a folder that does not exist yet, and makes nothing while it looks', () => {
  const dataDir = join(folder, 'deep', 'data');
  checkDataFolder(dataDir);
  expect(existsSync(join(folder, 'deep'))).toBe(false);
  makeDataFolder(dataDir);
  expect(statSync(dataDir).mode & 0o777).toBe(0o700);
});

test('closes an existing folder to everyone else', () => {
  chmodSync(folder, 0o755);
  writeFileSync(join(folder, 'sextant.yaml'), 'site: {}\n');
  checkDataFolder(folder);
  makeDataFolder(folder);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
});

test('refuses a folder that holds somebody else’s things', () => {
  writeFileSync(join(folder, 'letter.txt'), 'dear …');
  expect(() => checkDataFolder(folder)).toThrow(/holds other things \(letter.txt\)/);
});

test('accepts additions to a folder that has been in use', () => {
  mkdirSync(join(folder, 'up'));
  writeFileSync(join(folder, 'note.txt'), 'mine');
  expect(() => checkDataFolder(folder)).not.toThrow();
});

test('refuses a file, and a path below a file', () => {
  const file = join(folder, 'file');
  writeFileSync(file, '');
  expect(() => checkDataFolder(file)).toThrow(/cannot use the data folder .*file is not a folder/);
  expect(() => checkDataFolder(join(file, 'deep', 'data'))).toThrow(
    /cannot use the data folder .*file is not a folder/,
  );
});

test('refuses a place where nothing can be made', () => {
  expect(() => makeDataFolder('/proc/sextant')).toThrow(/cannot use the data folder \/proc\/sextant: ENOENT/);
});
