import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDiscovery } from '../../../../../agent/sources/files/discovery.ts';
import { namesBeforeRotation } from '../../../../../agent/sources/files/rotated-names.ts';
import { askedAlready } from '../../../../../agent/sources/files/scan-questions.ts';

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'sx-discovery-'));
  for (const name of ['a.log', 'a.log.1', 'a.log.2.gz', 'b.txt', 'web/c.log', 'web/deep/d.log', 'db/e.log']) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), '');
  }
  symlinkSync(join(root, 'web'), join(root, 'link'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

async function find(globs: string[], exclude: string[] = []) {
  const found = await createDiscovery(
    globs.map((glob) => join(root, glob)),
    exclude.map((glob) => join(root, glob)),
  ).find(askedAlready);
  const relative = (paths: string[]) => paths.map((path) => path.slice(root.length + 1)).toSorted();
  return { matched: relative(found.matched), others: relative(found.others) };
}

test('finds what a glob matches and names the files beside it, but none that are compressed', async () => {
  expect(await find(['*.log'])).toEqual({ matched: ['a.log'], others: ['a.log.1', 'b.txt'] });
});

test('goes down as far as the glob reaches and not through linked folders', async () => {
  expect((await find(['*/*.log'])).matched).toEqual(['db/e.log', 'web/c.log']);
  expect((await find(['**/*.log'])).matched).toEqual(['a.log', 'db/e.log', 'web/c.log', 'web/deep/d.log']);
});

test('takes a plain path, leaves exclusions out, and bears folders that are not there', async () => {
  expect((await find(['b.txt', 'nowhere/*.log'])).matched).toEqual(['b.txt']);
  expect((await find(['**/*.log'], ['web/**'])).matched).toEqual(['a.log', 'db/e.log']);
});

test('never matches a compressed file', async () => {
  expect((await find(['a.log*'])).matched).toEqual(['a.log', 'a.log.1']);
});

test.each([
  ['app.log.1', 'app.log', undefined],
  ['app.log-20261120', 'app.log', undefined],
  ['app.log.2026-11-20', 'app.log', undefined],
  ['app.log.old', 'app.log', undefined],
  ['app-20261120.log', undefined, 'app.log'],
  ['app.log', undefined, undefined],
  ['syslog.1', 'syslog', undefined],
])('knows what %s was called before', (name, suffix, infix) => {
  expect(namesBeforeRotation(name)).toEqual({ suffix, infix });
});
