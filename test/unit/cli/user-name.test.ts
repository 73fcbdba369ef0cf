import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, expect, test } from 'vitest';
import { collectFolder } from '../../../agent/collect/node-bundle.ts';
import { openNodePseudonyms } from '../../../agent/collect/node-pseudonyms.ts';
import { loadRedactionKey } from '../../../bundle/redaction/key.ts';
import { createPseudonyms } from '../../../bundle/redaction/pseudonyms.ts';
import { userName } from '../../../cli/user-name.ts';

const run = promisify(execFile);
const checkout = join(import.meta.dirname, '../../..');
const nameless = 54_321;
const folder = mkdtempSync(join(tmpdir(), 'sextant-user-'));
chmodSync(folder, 0o755);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs this Node as a user that is in no list; only root may. */
const asNameless = (...args: string[]) =>
  run(process.execPath, args, { uid: nameless, gid: nameless, env: { HOME: folder } });

const cannot = process.getuid?.() !== 0 && 'only root can become another user';

test('a user has the name that the system knows', () => {
  expect(userName()).toBe(userInfo().username);
});

test.skipIf(cannot)('a user without a name is told by the number', async () => {
  const source = `import('${join(checkout, 'cli/user-name.ts')}').then(({ userName }) => console.log(userName()))`;
  expect((await asNameless('-e', source)).stdout).toBe(`uid ${nameless}\n`);
});

test.skipIf(cannot)('agent reveal answers a user without a name, and writes the question down', async () => {
  const dataDir = join(folder, 'data');
  const place = collectFolder(dataDir);
  mkdirSync(place, { recursive: true });
  const key = loadRedactionKey(join(place, 'keys'));
  const pseudonyms = openNodePseudonyms(place, key);
  pseudonyms.record('host', 'web-01');
  pseudonyms.save();
  const pseudonym = createPseudonyms(key).name('host', 'web-01');
  await run('chown', ['-R', `${nameless}:${nameless}`, dataDir]);
  const { stdout } = await asNameless(
    join(checkout, 'cli/main.ts'),
    ...['agent', 'reveal', pseudonym, '--data-dir', dataDir],
  );
  expect(stdout).toBe('web-01\n');
  const note = JSON.parse(readFileSync(join(place, 'reveals.ndjson'), 'utf8'));
  expect(note).toMatchObject({ who: `uid ${nameless}`, pseudonym, known: true });
});

test.skipIf(cannot).each([
  ['bundle', 'export', folder, '--to', folder],
  ['bundle', 'create', '--offline', '--out', join(folder, 'out')],
])('%s %s goes as far for a user without a name as for any other', async (...call) => {
  const dataDir = join(folder, 'stopped');
  mkdirSync(join(dataDir, 'collector'), { recursive: true });
  writeFileSync(join(dataDir, 'collector/state.db'), '');
  await run('chown', ['-R', `${nameless}:${nameless}`, folder]);
  const failed = asNameless(join(checkout, 'cli/main.ts'), ...call, '--data-dir', dataDir);
  await expect(failed).rejects.toMatchObject({ stderr: expect.not.stringContaining('uv_os_get_passwd') });
});
