import { execFile, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { verifyBundle } from '../../../bundle/verify.ts';
import { count } from '../../long.ts';
import { type Image, makeImage, possibleFilesystems } from './image.ts';
import { makeRandomBundle } from './random-bundle.ts';

const canMount = possibleFilesystems().includes('ext4');
const root = join(import.meta.dirname, '../../..');
const work = mkdtempSync(join(tmpdir(), 'sextant-bad-medium-'));
const preload = join(work, 'medium.so');
const images: Image[] = [];
let bundlePath: string;

beforeAll(async () => {
  execFileSync('gcc', ['-shared', '-fPIC', '-O1', '-o', preload, join(import.meta.dirname, 'medium.c'), '-ldl']);
  bundlePath = await makeRandomBundle(work, 6, 2 ** 20);
});
afterEach(async () => {
  for (const image of images.splice(0)) await image.remove();
  for (const name of readdirSync(work)) if (/\.(export|receipt)-/.test(name)) rmSync(join(work, name));
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

const image = async (mebibytes = 40, option?: 'ro'): Promise<Image> => {
  const made = makeImage('ext4', mebibytes);
  images.push(made);
  await made.mount(option);
  return made;
};
const command = (...args: string[]): string[] => [
  join(root, 'cli/main.ts'),
  'bundle',
  'export',
  bundlePath,
  '--data-dir',
  join(work, 'data'),
  ...args,
];
const badMedium = (folder: string, what: Record<string, string>): NodeJS.ProcessEnv => ({
  ...process.env,
  LD_PRELOAD: preload,
  MEDIUM_FOLDER: folder,
  ...what,
});
interface Ended {
  code: number;
  stdout: string;
  stderr: string;
}
const sextant = (args: string[], env = process.env): Promise<Ended> =>
  promisify(execFile)(process.execPath, args, { env }).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    (error: Ended) => error,
  );
const copyIn = (folder: string): string => join(folder, basename(bundlePath));

test.skipIf(!canMount)('a medium that gives back other bytes than were written is caught', async () => {
  const { folder } = await image();
  const { code, stderr } = await sextant(
    command('--to', folder),
    badMedium(folder, { MEDIUM_LIES: 'node-3.v001.zip' }),
  );
  expect(stderr).toMatch(/SX_MEDIUM_FAULTY: .*node-3\.v001\.zip reads back other than it was written/);
  expect(code).toBe(1);
  expect(existsSync(join(copyIn(folder), 'data/node-3.v001.zip'))).toBe(false);
  expect((await verifyBundle(copyIn(folder))).ok).toBe(false);
  expect(JSON.parse(readFileSync(`${copyIn(folder)}.receipt.json`, 'utf8')).state).toBe('unfinished');
});

test.skipIf(!canMount)('a damaged source is not blamed on the medium', async () => {
  const { folder } = await image();
  const part = join(bundlePath, 'data/node-2.v001.zip');
  const before = readFileSync(part);
  const damaged = Buffer.from(before);
  damaged[1000] = (damaged[1000] ?? 0) ^ 1;
  writeFileSync(part, damaged);
  const { code, stderr } = await sextant(command('--to', folder));
  writeFileSync(part, before);
  expect(stderr).toMatch(/SX_BUNDLE_INVALID: .*node-2\.v001\.zip is not what its manifest says/);
  expect(code).toBe(1);
});

test.skipIf(!canMount)('a read-only medium is refused with who forbids it, before anything is written', async () => {
  const { folder } = await image(40, 'ro');
  const { code, stderr } = await sextant(command('--to', folder));
  expect(stderr).toMatch(/SX_MEDIUM_UNFIT: .* is read-only: the filesystem is mounted read-only/);
  expect(code).toBe(1);
});

test.skipIf(!canMount)(
  'a bundle too large for one medium is spread over two, each put in after the other',
  async () => {
    const [first, second] = [await image(9), await image(9)];
    const refused = await sextant(command('--to', first.folder));
    expect(refused.stderr).toMatch(/SX_MEDIUM_FULL: .* left over\n.*--split/);
    expect(existsSync(copyIn(first.folder))).toBe(false);

    const half = await sextant(command('--to', first.folder, '--split', '--json'));
    expect(half.code).toBe(3);
    const rest = await sextant(command('--to', second.folder, '--resume', '--json'));
    expect(rest.stderr).toBe('');
    expect(rest.code).toBe(0);
    const done = JSON.parse(rest.stdout.trim().split('\n').at(-1) ?? '');
    expect(done.missing).toEqual([]);
    expect(done.media[0].receipt.medium).toMatchObject({ number: 2, of: 2 });
    expect(done.media[0].receipt.elsewhere.every((part: { medium: number }) => part.medium === 1)).toBe(true);

    const alone = await verifyBundle(copyIn(first.folder));
    expect(alone.ok).toBe(false);
    const both = await verifyBundle(copyIn(first.folder), { alsoIn: [copyIn(second.folder)] });
    expect(both.parts.filter((part) => !part.ok)).toEqual([]);
    expect(both.ok).toBe(true);
  },
);

test.skipIf(!canMount)(
  'on a slow medium Ctrl+C ends it at once, and --resume goes on',
  async () => {
    const { folder } = await image();
    const env = badMedium(folder, { MEDIUM_SLOW: '300' });
    const child = spawn(process.execPath, command('--to', folder), { env, stdio: ['ignore', 'ignore', 'pipe'] });
    let stderr = '';
    child.stderr.on('data', (text) => {
      stderr += text;
    });
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
    await vi.waitFor(() => expect(stderr).toContain('copying         data/node-2'), { timeout: 30_000 });
    child.kill('SIGINT');
    expect(await ended).toBe(1);
    expect(stderr).toMatch(/interrupted\n.*--resume/);
    expect(readdirSync(join(copyIn(folder), 'data')).filter((name) => name.endsWith('.partial'))).toEqual([]);
    const resumed = await sextant(command('--to', folder, '--resume'));
    expect(resumed.stderr).toContain('checking again  data/node-1.v001.zip');
    expect(resumed.code).toBe(0);
    expect((await verifyBundle(copyIn(folder))).ok).toBe(true);
  },
  60_000,
);

test.skipIf(!canMount)(
  'an export that is killed at a random moment is completed by --resume',
  async () => {
    for (let turn = 0; turn < count(1, 30); turn++) {
      const { folder } = await image();
      const env = badMedium(folder, { MEDIUM_SLOW: '10' });
      const child = spawn(process.execPath, command('--to', folder), { env, stdio: ['ignore', 'ignore', 'pipe'] });
      const ended = new Promise((resolve) => child.once('exit', resolve));
      let lines = Math.floor(Math.random() * 26);
      child.stderr.on('data', (text: Buffer) => {
        lines -= text.toString().split('\n').length - 1;
        if (lines <= 0) child.kill('SIGKILL');
      });
      await ended;
      const resumed = await sextant(command('--to', folder, '--resume'));
      expect(resumed.code).toBe(0);
      expect((await verifyBundle(copyIn(folder))).parts.filter((part) => !part.ok)).toEqual([]);
      await images.pop()?.remove();
    }
  },
  600_000,
);
