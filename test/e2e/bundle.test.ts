import { execFile } from 'node:child_process';
import { cp, mkdir, open, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type Site, sextant, startSite, temporaryFolder } from './running-site.ts';

const run = promisify(execFile);
const { folder, remove } = temporaryFolder();
const dataDir = join(folder, 'data');
const out = join(folder, 'out');
const app = join(folder, 'app.log');
let site: Site;
let bundle: string;

beforeAll(async () => {
  await writeFile(app, 'Server=db;User Id=sa;Password=hunter2\nthe service is up\n');
  site = await startSite(dataDir, { args: ['--follow', join(folder, '*.log')] });
  await vi.waitFor(
    async () => {
      const { stdout } = await site.sextant('logs', '--since', '5m', '--grep', 'the service is up', '--json');
      expect(stdout).not.toBe('');
    },
    { timeout: 10_000, interval: 200 },
  );
});
afterAll(async () => {
  await site?.stop();
  remove();
});

/** Exit code 3 where this machine denies the agent something; the coverage says what. */
const done = [0, 3];
const verify = (...args: string[]) => sextant(['bundle', 'verify', ...args]);

test('sextant bundle create writes a bundle and says where, with what is in it', async () => {
  const { code, stdout, stderr } = await site.sextant('bundle', 'create', '--since', '15m', '--out', out, '--json');
  expect(done, stderr).toContain(code);
  const answer = JSON.parse(stdout);
  expect(answer).toMatchObject({
    id: expect.any(String),
    state: code === 0 ? 'complete' : 'partial',
    bytes: expect.any(Number),
    coverage: { sources: expect.objectContaining({ ok: expect.any(Number) }), gaps: expect.any(Array) },
  });
  bundle = answer.path;
  expect(await readdir(out)).toEqual([bundle.slice(out.length + 1)]);
});

test('sha512sum, unzip and minisign accept it, and sextant bundle verify with the site’s key', async () => {
  await run('sha512sum', ['-c', '--strict', 'manifest-sha512.txt', 'tagmanifest-sha512.txt'], { cwd: bundle });
  const key = join(dataDir, 'collector/keys/sextant.pub');
  await run('minisign', ['-V', '-m', 'tagmanifest-sha512.txt', '-p', key], { cwd: bundle });
  for (const volume of await readdir(join(bundle, 'data'))) await run('unzip', ['-tq', join(bundle, 'data', volume)]);
  const { code, stdout } = await verify(bundle, '--key', key);
  expect(stdout).toContain('Signed with the key that you named');
  expect(code).toBe(0);
});

test('what was logged is in it, and the password is not', async () => {
  const { stdout } = await run('unzip', ['-p', join(bundle, 'data/telemetry.v001.zip'), 'logs/*'], { maxBuffer: 1e9 });
  expect(stdout).toContain('the service is up');
  expect(stdout).toMatch(/User Id=sa;Password=\[masked:connection-string:[0-9a-f]{8}\]/);
  for (const volume of await readdir(join(bundle, 'data'))) {
    const content = await run('unzip', ['-p', join(bundle, 'data', volume)], { maxBuffer: 1e9, encoding: 'latin1' });
    expect(content.stdout.includes('hunter2'), volume).toBe(false);
  }
});

test('one changed byte in any part is found, with the part’s name and exit code 1', async () => {
  const parts = [...(await readdir(bundle)), ...(await readdir(join(bundle, 'data'))).map((name) => `data/${name}`)];
  for (const part of parts.filter((name) => name !== 'data')) {
    const copy = join(folder, 'changed', part.replace('/', '-'));
    await mkdir(join(folder, 'changed'), { recursive: true });
    await cp(bundle, copy, { recursive: true });
    const file = await open(join(copy, part), 'r+');
    const at = Math.floor((await file.stat()).size / 2);
    const { buffer } = await file.read(Buffer.alloc(1), 0, 1, at);
    await file.write(Buffer.from([(buffer[0] ?? 0) ^ 1]), 0, 1, at);
    await file.close();
    const { code, stdout } = await verify(copy, '--json');
    expect(code, part).toBe(1);
    const faults = JSON.parse(stdout).parts.filter((found: { ok: boolean }) => !found.ok);
    // A change of the list shows as a signature that does not fit it.
    const named = part === 'tagmanifest-sha512.txt' ? `${part}.minisig` : part;
    expect(faults.map((found: { part: string }) => found.part)).toContain(named);
  }
}, 120_000);

test('bundle list and status show it; a part of the machine can be asked for alone', async () => {
  const { stdout } = await site.sextant('bundle', 'list', '--json');
  const [job] = JSON.parse(stdout);
  expect(bundle).toContain(job.id);
  expect((await site.sextant('bundle', 'status', job.id)).stdout).toContain('system/uname');

  const small = await site.sextant(
    'bundle',
    'create',
    '--since',
    '5m',
    '--role',
    'storage',
    '--out',
    join(folder, 'small'),
  );
  expect(done).toContain(small.code);
  expect(small.stderr).toContain('storage/df');
  expect(small.stderr).not.toContain('system/uname');
});

test('with the collector gone a bundle can still be verified, and none can be made', async () => {
  await site.stop();
  expect((await verify(bundle)).code).toBe(0);
  const { code, stderr } = await site.sextant('bundle', 'create', '--out', out);
  expect(code).toBe(1);
  expect(stderr).toContain('SX_NO_COLLECTOR');
  expect(await readFile(join(bundle, 'README.txt'), 'utf8')).toContain('minisign -V');
});
