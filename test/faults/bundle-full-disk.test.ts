import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { expect, onTestFinished, test, vi } from 'vitest';
import { generateIdentity } from '../../bundle/age/key.ts';
import { extractBundle } from '../../bundle/extract.ts';
import { openSoundBundle } from '../../bundle/sound-bundle.ts';
import { verifyBundle } from '../../bundle/verify.ts';
import type { BundleJobs } from '../../collector/bundles/bundle-jobs.ts';
import { openCase } from '../../collector/case/case-folder.ts';
import { makeSampleBundle } from '../unit/bundle/sample-bundle.ts';
import { openPreparedJobs, preparedRequest } from './prepared-jobs.ts';
import { fillDisk, smallDisk } from './small-disk.ts';

const canMount = process.platform === 'linux' && process.getuid?.() === 0;
if (!canMount) process.stderr.write('SKIPPED: the full-disk tests need root, to mount a small tmpfs\n');

const MiB = 2 ** 20;

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sextant-full-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const ended = async (jobs: BundleJobs, id: string) => {
  await vi.waitFor(() => expect(jobs.get(id).finishedAt).not.toBeNull(), { timeout: 60_000, interval: 20 });
  return jobs.get(id);
};
test.skipIf(!canMount).each(['in the clear', 'encrypted'])(
  'a disk that fills while a bundle is made, %s, fails that job alone and keeps nothing of it',
  async (how) => {
    const dataDir = smallDisk(3 * MiB);
    const recipients = how === 'encrypted' ? [generateIdentity(), generateIdentity()] : [];
    // The volume alone fits on the disk, and there is no room for its ciphertext beside it.
    let samples = how === 'encrypted' ? 5000 : 12_000;
    const site = openPreparedJobs(
      dataDir,
      () => samples,
      recipients.map(({ recipient }) => recipient.text),
    );
    await site.jobs.start();
    const failed = await ended(site.jobs, (await site.jobs.create(preparedRequest('none'))).id);
    expect(failed).toMatchObject({ state: 'failed', error: expect.stringContaining('is full') });
    expect(readdirSync(join(dataDir, 'bundles'))).toEqual([]);

    samples = 100;
    const made = await ended(site.jobs, (await site.jobs.create(preparedRequest('none'))).id);
    expect(made.state).toBe('complete');
    expect((await verifyBundle(join(dataDir, 'bundles', made.name))).ok).toBe(true);
    await site.close();
  },
  120_000,
);

test.skipIf(!canMount)(
  'jobs that cannot even be written down do not end the collector, and the next one works',
  async () => {
    const dataDir = smallDisk(6 * MiB);
    let giveBack: (() => void) | undefined;
    const site = openPreparedJobs(dataDir, () => {
      giveBack ??= fillDisk(dataDir);
      return 100;
    });
    await site.jobs.start();
    const first = await site.jobs.create(preparedRequest('none'));
    const second = await site.jobs.create(preparedRequest('none'));
    const crashes: unknown[] = [];
    const onCrash = (error: unknown): void => void crashes.push(error);
    process.on('unhandledRejection', onCrash);
    onTestFinished(() => void process.off('unhandledRejection', onCrash));
    await vi.waitFor(() => expect(existsSync(join(dataDir, 'hog'))).toBe(true), { timeout: 60_000 });
    const lost = await ended(site.jobs, first.id);
    expect(lost).toMatchObject({ state: 'failed', error: expect.stringContaining('full') });
    giveBack?.();
    await ended(site.jobs, second.id);
    const third = await ended(site.jobs, (await site.jobs.create(preparedRequest('none'))).id);
    expect(third.state).toBe('complete');
    expect(readdirSync(join(dataDir, 'bundles')).filter((name) => name.endsWith('.partial'))).toEqual([]);
    expect(crashes).toEqual([]);
    await site.close();
  },
  120_000,
);

test.skipIf(!canMount)(
  'extract refuses a disk without room, and one that fills meanwhile, and leaves nothing',
  async () => {
    const home = temporaryFolder();
    const { path } = await makeSampleBundle(home);
    const sound = await openSoundBundle([path], {});

    const tiny = smallDisk(1 * MiB);
    await expect(extractBundle(sound, { to: join(tiny, 'out') })).rejects.toMatchObject({ code: 'SX_DISK_FULL' });
    expect(readdirSync(tiny)).toEqual([]);

    // The room that is kept is there when it begins, and another program takes it.
    const disk = smallDisk(80 * MiB);
    let taken = false;
    const extracting = extractBundle(sound, {
      to: join(disk, 'out'),
      onFile: () => {
        if (!taken) fillDisk(disk);
        taken = true;
      },
    });
    await expect(extracting).rejects.toMatchObject({
      code: 'SX_DISK_FULL',
      message: expect.stringContaining(join(disk, 'out')),
    });
    expect(readdirSync(disk)).toEqual(['hog']);
  },
);

test.skipIf(!canMount)(
  'a case on a disk without room is refused with what it needs, and nothing is begun',
  async () => {
    const disk = smallDisk(1 * MiB);
    await expect(openCase(join(disk, 'case'), pino({ level: 'silent' }))).rejects.toMatchObject({
      code: 'SX_DISK_FULL',
      message: expect.stringContaining('to begin with'),
    });
    expect(readdirSync(disk)).toEqual([]);
  },
);
