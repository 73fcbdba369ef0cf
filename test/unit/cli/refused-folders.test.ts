import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { makeOutFolder } from '../../../cli/out-folder.ts';
import { makeFolder } from '../../../durable/make-folder.ts';
import { sextant } from './run-sextant.ts';

const root = mkdtempSync(join(tmpdir(), 'sextant-refused-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
chmodSync(root, 0o755);
const data = join(root, 'data');
mkdirSync(join(data, 'collector'), { recursive: true });
writeFileSync(join(data, 'collector', 'endpoint.json'), '{}');
writeFileSync(join(data, 'collector', 'state.db'), '');
chmodSync(data, 0o700);
const isRoot = process.getuid?.() === 0;

test
  .skipIf(!isRoot)
  .each([
    [['nodes']],
    [['bundle', 'list']],
    [['bundle', 'create']],
    [['bundle', 'create', '--offline']],
    [['bundle', 'export', '0123456789abcdef', '--to', root]],
    [['collector', 'quarantine', 'list']],
    [['agent', 'status']],
    [['agent', 'collect']],
    [['agent', 'reveal', 'host-k3v9x2m4']],
  ])('%j by a user who may not look into the data folder says so', async (call) => {
  const { code, out, err } = await sextant([...call, '--data-dir', data], root, 65534);
  expect([code, out, err]).toEqual([
    2,
    '',
    `SX_DATA_FOLDER: this user may not look into the data folder ${data}\n  → run it as the user that the folder belongs to (sudo -u USER), or name another with --data-dir\n`,
  ]);
});

test.skipIf(process.platform !== 'linux')(
  'a filesystem that takes no new names ends a command, and does not hang it',
  async () => {
    const { code, err } = await sextant(['keys', 'create', '--name', 'x', '--out', '/proc/nothing/below']);
    expect([code, err]).toEqual([
      2,
      expect.stringMatching(
        /^SX_BAD_REQUEST: --out: cannot write to \/proc\/nothing\/below: ENOENT.*\n {2}→ name a folder that/,
      ),
    ]);
  },
);

test('a file, or a link that leads nowhere, is no folder', () => {
  writeFileSync(join(root, 'file'), '');
  symlinkSync(join(root, 'gone'), join(root, 'link'));
  for (const name of ['file', 'link', 'link/below']) {
    expect(() => makeFolder(join(root, name)), name).toThrow(/EEXIST|ENOENT|ENOTDIR/);
    expect(() => makeOutFolder(join(root, name)), name).toThrow(/^--out: cannot use /);
  }
});

test('an export names a medium', async () => {
  const { code, err } = await sextant(['bundle', 'export', root]);
  expect([code, err]).toEqual([2, "error: required option '--to <target>' not specified\n(see `sextant help`)\n"]);
});

test('agent collect takes no role that the node does not have, and names those that it has', async () => {
  for (const how of [[], ['--dry-run']]) {
    const call = [
      'agent',
      'collect',
      '--role',
      'strorage',
      '--data-dir',
      join(root, 'node'),
      '--out',
      join(root, 'out'),
    ];
    const { code, err } = await sextant([...call, ...how]);
    expect([code, err]).toEqual([
      1,
      expect.stringMatching(/^SX_NOT_FOUND: the profile \w+ of this node has no role strorage\n {2}→ it has .*storage/),
    ]);
  }
});
