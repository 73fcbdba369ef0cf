import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { verifyBundle } from '../../../bundle/verify.ts';
import type { DriveSystem } from '../../../media/drives/drive.ts';
import { linuxDrives } from '../../../media/drives/system-linux.ts';
import { type ExportRequest, type ExportResult, exportBundle } from '../../../media/export/export-bundle.ts';
import type { ExportProgress } from '../../../media/export/write-medium.ts';
import { count, long } from '../../long.ts';
import { type Image, makeImage, possibleFilesystems } from './image.ts';
import { makeRandomBundle } from './random-bundle.ts';

const run = promisify(execFile);
const filesystems = possibleFilesystems();
const work = mkdtempSync(join(tmpdir(), 'sextant-export-'));
const images: Image[] = [];
let bundlePath: string;

beforeAll(async () => {
  bundlePath = await makeRandomBundle(work, 6, 2 ** 20);
});
afterEach(async () => {
  for (const image of images.splice(0)) await image.remove();
  for (const name of readdirSync(work)) if (/\.(export|receipt)-/.test(name)) rmSync(join(work, name));
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

const image = async (filesystem: Parameters<typeof makeImage>[0], mebibytes = 40): Promise<Image> => {
  const made = makeImage(filesystem, mebibytes);
  images.push(made);
  await made.mount();
  return made;
};
const silent: ExportProgress = {
  part: () => undefined,
  bytes: () => undefined,
  waiting: () => undefined,
  back: () => undefined,
};
const exportTo = (
  targets: string[],
  change: Partial<ExportRequest> = {},
  progress: Partial<ExportProgress> = {},
  drives: DriveSystem = linuxDrives(),
): Promise<ExportResult> =>
  exportBundle(
    {
      bundlePath,
      targets,
      resume: false,
      split: false,
      eject: 'never',
      who: 'tester',
      approve: () => [],
      policy: { allowedDevices: [] },
      waitMs: 30_000,
      signal: new AbortController().signal,
      ...change,
    },
    { drives, progress: { ...silent, ...progress }, nowMs: Date.now },
  );
const demandSound = async (path: string): Promise<void> => {
  const report = await verifyBundle(path);
  expect(report.parts.filter((part) => !part.ok)).toEqual([]);
  await run('sha512sum', ['-c', '--quiet', '--strict', 'manifest-sha512.txt'], { cwd: path });
};

test.skipIf(!filesystems.includes('ext4'))(
  'a medium that goes away again in the moment it is recognised is not taken for the folder below its mount point',
  async () => {
    const medium = await image('ext4');
    const real = linuxDrives();
    let seen = 0;
    let torn: Promise<void> | undefined;
    let again = 1;
    const drives: DriveSystem = {
      ...real,
      // Asked again only when the medium has come back: there it goes once more, and is back when that was noticed.
      of: async (path, open) => {
        const found = await real.of(path, open);
        if (torn && found.filesystem === 'ext4' && found.volumeId === identity.volumeId && again-- > 0) {
          await medium.tear();
        }
        return found;
      },
    };
    const identity = await real.of(medium.folder);
    const onStep = (): void => {
      if (++seen === 6) void medium.tear();
    };
    const waiting = (): void => {
      torn = medium.mount();
    };
    const { media } = await exportTo([medium.folder], {}, { part: onStep, bytes: onStep, waiting }, drives);
    await torn;
    expect(again).toBeLessThan(1);
    await demandSound(media[0]?.path ?? '');
    await medium.tear();
    expect(readdirSync(medium.folder)).toEqual([]);
  },
  60_000,
);

describe.for(filesystems)('a medium with %s', (filesystem) => {
  test('holds a bundle that was read back past the cache, also after it was unplugged and put in again', async () => {
    const medium = await image(filesystem);
    const { media, missing } = await exportTo([medium.folder]);
    expect(missing).toEqual([]);
    const receipt = media[0]?.receipt;
    expect(receipt).toMatchObject({ state: 'complete', who: 'tester', medium: { filesystem, number: 1, of: 1 } });
    expect(new Set(receipt?.parts.map((part) => part.readBack))).toEqual(new Set(['direct']));
    await medium.unmount();
    await medium.mount();
    const path = join(medium.folder, basename(bundlePath));
    await demandSound(path);
    expect(JSON.parse(readFileSync(`${path}.receipt.json`, 'utf8'))).toEqual(receipt);
  }, 60_000);

  // exfat-fuse has been seen not to mount a device again within 30 s of a tear, once in some 150: too often for every day.
  test.skipIf(filesystem === 'exfat' && !long)(
    'that is torn away at a random moment is waited for, recognised, and completed',
    async () => {
      for (let turn = 0; turn < count(2, 50); turn++) {
        const medium = await image(filesystem);
        const steps = 2 + Math.floor(Math.random() * 30);
        let seen = 0;
        let torn: Promise<void> | undefined;
        const tear = async (): Promise<void> => {
          await medium.tear();
          await medium.mount();
        };
        const onStep = (): void => {
          if (++seen !== steps) return;
          torn = tear();
          torn.catch(() => undefined);
        };
        const outcome = await exportTo([medium.folder], {}, { part: onStep, bytes: onStep }).then(
          (result) => result,
          (error: { code?: string }) => error,
        );
        await torn;
        // A filesystem that the tear has damaged may refuse; it must say so, and never call itself done.
        if (!('media' in outcome)) {
          process.stderr.write(
            `${filesystem}, torn at step ${steps}: ${outcome.code}: ${(outcome as Error).message}\n`,
          );
          expect(outcome.code).toMatch(/^SX_MEDIUM_(FAULTY|GONE|FULL)$/);
          expect((await verifyBundle(join(medium.folder, basename(bundlePath)))).ok).toBe(false);
        } else await demandSound(outcome.media[0]?.path ?? '');
        // What was written while it was away must not lie on this machine's disk.
        await medium.tear();
        expect(readdirSync(medium.folder)).toEqual([]);
        await medium.remove();
        images.pop();
      }
    },
    1_800_000,
  );

  // Each turn is two commands; `bad-medium.test.ts` has the everyday form.
  test.skipIf(!long)(
    'that is torn away with the exporting process at a random moment is completed by --resume',
    async () => {
      const bundle = ['bundle', 'export', bundlePath, '--data-dir', join(work, 'data'), '--no-eject'];
      for (let turn = 0; turn < count(1, 25); turn++) {
        const medium = await image(filesystem);
        const command = [join(import.meta.dirname, '../../../cli/main.ts'), ...bundle, '--to', medium.folder];
        const child = spawn(process.execPath, command, { stdio: ['ignore', 'ignore', 'pipe'] });
        const ended = new Promise((resolve) => child.once('exit', resolve));
        let lines = Math.floor(Math.random() * 28);
        child.stderr.on('data', (text: Buffer) => {
          lines -= text.toString().split('\n').length - 1;
          if (lines <= 0) child.kill('SIGKILL');
        });
        await ended;
        await medium.tear();
        await medium.mount();
        const { code, said } = await run(process.execPath, [...command, '--resume']).then(
          () => ({ code: 0, said: '' }),
          (error: { code: number; stderr: string }) => ({ code: error.code, said: error.stderr }),
        );
        const copy = join(medium.folder, basename(bundlePath));
        if (code === 0) await demandSound(copy);
        else {
          process.stderr.write(`${filesystem}, killed and torn: ${said.split('\n').at(-2)}\n`);
          expect(said).toMatch(/SX_MEDIUM_(FAULTY|GONE|FULL)/);
          expect((await verifyBundle(copy)).ok).toBe(false);
        }
        await medium.remove();
        images.pop();
      }
    },
    1_800_000,
  );
});
