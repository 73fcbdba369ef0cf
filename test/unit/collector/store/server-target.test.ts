import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readTarget } from '../../../../collector/store/server/target.ts';
import { settingsWith } from '../journal/settings.ts';

const folder = mkdtempSync(join(tmpdir(), 'sextant-target-'));
afterAll(() => rmSync(folder, { recursive: true }));
const passwordFile = join(folder, 'password');
writeFileSync(passwordFile, 'se cret\n', { mode: 0o600 });
const url = 'https://clickhouse.site:8443';

test('without a URL telemetry is stored in the process', () => {
  expect(readTarget(settingsWith())).toBeUndefined();
});

test('a server is its URL, its database, its user and a password from a file', () => {
  const settings = settingsWith({ 'storage.url': url, 'storage.passwordFile': passwordFile });
  expect(readTarget(settings)).toEqual({
    url: `${url}/`,
    database: 'sextant',
    user: 'sextant',
    password: 'se cret',
    cluster: '',
  });
});

test.each([
  ['a file that others may read', { 'storage.passwordFile': join(folder, 'open') }, /others than its owner may use/],
  ['a file that is not there', { 'storage.passwordFile': join(folder, 'none') }, /storage.passwordFile: cannot read/],
  ['no URL', { 'storage.url': 'clickhouse' }, /is not the URL of a server/],
  ['another protocol', { 'storage.url': 'tcp://a:9000' }, /is not the URL of a server/],
  ['a password in the URL', { 'storage.url': 'https://me:secret@a' }, /holds more than a server/],
  ['plain http over the network', { 'storage.url': 'http://clickhouse.site:8123' }, /would show the password/],
  ['a database that is no name', { 'storage.database': "x'; DROP" }, /storage.database: .* is not a name/],
  ['a cluster that is no name', { 'storage.cluster': '`' }, /storage.cluster: .* is not a name/],
  ['an authority that is none', { 'storage.caFile': passwordFile }, /storage.caFile: .*no PEM certificate/],
])('refuses %s', (_, changes, message) => {
  writeFileSync(join(folder, 'open'), 'x');
  chmodSync(join(folder, 'open'), 0o640);
  expect(() => readTarget(settingsWith({ 'storage.url': url, ...changes }))).toThrow(message);
});
