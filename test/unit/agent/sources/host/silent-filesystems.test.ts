import { expect, test, vi } from 'vitest';
import { createFileQuestions } from '../../../../../agent/filesystems/file-questions.ts';
import { createRemoteMounts } from '../../../../../agent/filesystems/remote-mounts.ts';
import { createFilesystemWatch } from '../../../../../agent/sources/host/filesystems.ts';
import type { Mount } from '../../../../../agent/sources/host/mounts.ts';
import { patient } from '../../../../patience.ts';

const remote = ['/mnt/a', '/mnt/b', '/mnt/c'];
const mountinfo = remote.map((path, at) => `3${at} 1 0:4${at} / ${path} rw - nfs4 server:/${at} rw`).join('\n');
const mount = (mountpoint: string): Mount => ({
  ...{ mountpoint, deviceNumber: mountpoint, device: mountpoint, type: 'any', mode: 'rw' },
});

function node() {
  const mounts = createRemoteMounts({ readMountinfo: () => mountinfo, platform: 'linux' });
  const questions = createFileQuestions({ most: 4, overdueMs: 20, mounts });
  const dead = new Map<string, PromiseWithResolvers<void>>();
  const asked: string[] = [];
  let freeBlocks = 0;
  const watch = () =>
    createFilesystemWatch({
      // The dead ones first, as they may stand in mountinfo.
      listMounts: () => [...remote, '/', '/data'].map(mount),
      questions,
      async statfs(path) {
        asked.push(path);
        await dead.get(path)?.promise;
        freeBlocks += 1;
        return { bsize: 1, blocks: 1000, bfree: freeBlocks, bavail: freeBlocks };
      },
    });
  const die = (...paths: string[]): void => {
    for (const path of paths) dead.set(path, Promise.withResolvers());
  };
  const free = (filesystems: ReturnType<typeof watch>) =>
    Object.fromEntries(filesystems.uses().map(({ mountpoint, freeBytes }) => [mountpoint, freeBytes]));
  return { watch, die, dead, asked, free, questions };
}

test('however many mounts are dead, local filesystems are measured each time, and no dead one goes on with its last figure', async () => {
  const { watch, die, free } = node();
  const filesystems = watch();
  await filesystems.refresh(5_000);
  expect(Object.keys(free(filesystems)).sort()).toEqual(['/', '/data', ...remote]);
  die(...remote);
  for (let pass = 0; pass < 4; pass += 1) {
    const before = free(filesystems);
    await filesystems.refresh(100);
    const after = free(filesystems);
    for (const path of ['/', '/data']) expect(after[path], path).toBeGreaterThan(before[path] ?? 0);
  }
  await vi.waitFor(async () => {
    await filesystems.refresh(10);
    expect(Object.keys(free(filesystems)).sort()).toEqual(['/', '/data']);
    expect(filesystems.hanging().sort()).toEqual(remote);
  }, patient);
});

test('dead mounts hold two threads, also when the source is made anew, and one that others know to be dead none', async () => {
  const { watch, die, asked, dead, free, questions } = node();
  die(...remote);
  await questions.ask('/mnt/a/x.log', () => new Promise(() => {}), { givesUp: true }).catch(() => undefined);
  const last = watch();
  for (const filesystems of [watch(), watch(), last]) {
    await vi.waitFor(async () => {
      await filesystems.refresh(10);
      expect(filesystems.hanging().sort()).toEqual(remote);
    }, patient);
  }
  expect(asked.filter((path) => remote.includes(path)).sort()).toEqual(['/mnt/b', '/mnt/c']);
  for (const path of ['/mnt/b', '/mnt/c']) dead.get(path)?.resolve();
  dead.clear();
  await vi.waitFor(async () => {
    await last.refresh(10);
    expect(Object.keys(free(last)).sort()).toEqual(['/', '/data', '/mnt/b', '/mnt/c']);
    expect(last.hanging()).toEqual(['/mnt/a']);
  }, patient);
});
