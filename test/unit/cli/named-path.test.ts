import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { unreadable } from '../../../cli/named-path.ts';
import { sextant } from './run-sextant.ts';

const root = mkdtempSync(join(tmpdir(), 'sextant-path-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** A new folder for each test: what a refused call has made is seen in it. */
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(root, 'at-'));
});

const noPath = (path: string, why: string): string =>
  `SX_NO_SUCH_PATH: there is no ${path}\n  → correct the path (${why}), or mount the medium that it lies on\n`;

test.each([
  ['verify', 'nope'],
  ['extract', 'nope'],
  ['analyze', 'nope'],
  ['compare', 'nope', 'nope2'],
  ['open', 'nope'],
  ['open', 'nope', '--case', 'case'],
  ['import', 'nope', '--to', 'case'],
  ['merge', 'nope', '--data-dir', 'data', '--out', 'out'],
])('bundle %s of a path that is not there says so with 2, and makes nothing', async (...call) => {
  const answer = await sextant(['bundle', ...call], folder);
  expect(answer).toEqual({ code: 2, out: '', err: noPath(join(folder, 'nope'), `nothing in ${folder} is named nope`) });
  expect(readdirSync(folder)).toEqual([]);
});

test('a second path is looked at before the first is verified', async () => {
  mkdirSync(join(folder, 'there'));
  const { code, out, err } = await sextant(['bundle', 'verify', 'there', 'nope'], folder);
  expect([code, out, err]).toEqual([2, '', expect.stringMatching(/^SX_NO_SUCH_PATH: there is no .*nope\n/)]);
});

test('a bundle that is a file is told what a bundle is', async () => {
  writeFileSync(join(folder, 'bundle.tar'), '');
  expect(await sextant(['bundle', 'verify', 'bundle.tar'], folder)).toEqual({
    code: 2,
    out: '',
    err: `SX_BAD_REQUEST: ${join(folder, 'bundle.tar')} is a file, and a bundle is a folder\n  → name the folder that coverage.json lies in; unpack it first if the bundle came as one file\n`,
  });
});

test('merge makes no key and no lock for what is no bundle', async () => {
  mkdirSync(join(folder, 'empty'));
  const { code, err } = await sextant(['bundle', 'merge', 'empty', '--data-dir', 'data', '--out', 'out'], folder);
  expect([code, err]).toEqual([1, expect.stringContaining('SX_BUNDLE_INVALID')]);
  expect(readdirSync(folder)).toEqual(['empty']);
});

test('import and open make no case before they have their keys', async () => {
  mkdirSync(join(folder, 'empty'));
  for (const call of [
    ['import', 'empty', '--to', 'case'],
    ['open', 'empty', '--case', 'case'],
  ]) {
    const { code, err } = await sextant(['bundle', ...call, '--key', 'no.pub'], folder);
    expect([code, err]).toEqual([2, noPath(join(folder, 'no.pub'), `nothing in ${folder} is named no.pub`)]);
  }
  expect(readdirSync(folder)).toEqual(['empty']);
});

test('create makes no folder for a bundle that nobody makes', async () => {
  const { code, err } = await sextant(['bundle', 'create', '--data-dir', 'data', '--out', 'out'], folder);
  expect([code, err]).toEqual([1, expect.stringMatching(/^SX_NO_COLLECTOR: /)]);
  expect(readdirSync(folder)).toEqual([]);
});

test.each([
  [['redaction', 'test', 'nope'], ''],
  [['profiles', 'push', 'nope'], ''],
  [['collector', 'restore', 'nope', '--data-dir', 'data'], ''],
  [['keys', 'create', '--passphrase-file', 'nope'], '--passphrase-file: '],
  [['nodes', '--url', 'https://127.0.0.1:1', '--token-file', 'nope'], '--token-file: '],
])('%j says that its file is not there, and what to do', async (call, option) => {
  const { code, err } = await sextant(call, folder);
  const said = noPath(join(folder, 'nope'), `nothing in ${folder} is named nope`);
  expect([code, err]).toEqual([2, said.replace('there is', `${option}there is`)]);
  expect(readdirSync(folder)).toEqual([]);
});

test('redaction test of a folder says what it takes', async () => {
  expect((await sextant(['redaction', 'test', '.'], folder)).err).toBe(
    `SX_BAD_REQUEST: ${folder} is not a file\n  → name one text file\n`,
  );
});

test('says where a long path leaves what there is', () => {
  const missing = Object.assign(new Error('ENOENT'), { code: 'ENOENT' });
  const why = (path: string): string => unreadable(path, missing).nextStep;
  writeFileSync(join(folder, 'file'), '');
  symlinkSync(join(folder, 'gone'), join(folder, 'link'));
  expect(why(join(folder, 'a/b/c'))).toContain(`nothing in ${folder} is named a)`);
  expect(why(join(folder, 'file/b/c'))).toContain(`${join(folder, 'file')} is no folder)`);
  mkdirSync(join(folder, 'real'));
  symlinkSync('real', join(folder, 'alias'));
  expect(why(join(folder, 'alias/b'))).toContain(`nothing in ${join(folder, 'alias')} is named b)`);
  expect(why(join(folder, 'link/b'))).toContain(`${join(folder, 'link')} is a link to something that is not there)`);
  expect(why(join(folder, 'link'))).toContain(`${join(folder, 'link')} is a link to something that is not there)`);
});

test('a path that this user may not read is not said to be missing', () => {
  const cause = Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES' });
  expect(unreadable('/root/x', cause, '--key')).toMatchObject({
    code: 'SX_BAD_REQUEST',
    message: '--key: cannot read /root/x: EACCES: permission denied',
    nextStep: 'name one that this user may read',
  });
});

test.skipIf(process.getuid?.() !== 0)('a bundle that this user may not read is no bad bundle', async () => {
  chmodSync(root, 0o755);
  // Made by mkdtemp: for its owner alone.
  const { code, err } = await sextant(['bundle', 'verify', folder], '/', 65_534);
  expect([code, err]).toEqual([2, expect.stringContaining(`SX_BAD_REQUEST: cannot read ${folder}: EACCES`)]);
  expect(err).toContain('→ name one that this user may read\n');
});
