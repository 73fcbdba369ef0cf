import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isCurrent, stampOf } from '../../../scripts/agent-program.js';

let root: string;
let bundle: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'sextant-bundle-'));
  bundle = join(root, 'dist');
  mkdirSync(bundle);
  writeFileSync(join(root, 'a.ts'), 'const a = 1;');
  writeFileSync(join(root, 'b.ts'), 'const b = 2;');
  const stamp = stampOf(['b.ts', 'a.ts', 'a.ts'], root);
  writeFileSync(join(bundle, stamp.name), stamp.text);
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

test('a bundle is current while what it was made of is as it was', () => {
  expect(isCurrent(bundle, root)).toBe(true);
  writeFileSync(join(root, 'unrelated.ts'), '');
  expect(isCurrent(bundle, root)).toBe(true);
});

test('a bundle is not current once a source has changed', () => {
  writeFileSync(join(root, 'b.ts'), 'const b = 3;');
  expect(isCurrent(bundle, root)).toBe(false);
});

test('a bundle is not current once a source has gone', () => {
  rmSync(join(root, 'a.ts'));
  expect(isCurrent(bundle, root)).toBe(false);
});

test('where nothing was built nothing is current', () => {
  expect(isCurrent(join(root, 'nowhere'), root)).toBe(false);
});
