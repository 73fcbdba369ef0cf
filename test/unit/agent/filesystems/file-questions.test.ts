import { expect, test, vi } from 'vitest';
import { createFileQuestions, shareOfPool } from '../../../../agent/filesystems/file-questions.ts';
import { createRemoteMounts } from '../../../../agent/filesystems/remote-mounts.ts';
import { Unanswered } from '../../../../agent/filesystems/unanswered.ts';
import { patient } from '../../../patience.ts';

const mountinfo = [
  '22 1 8:1 / / rw - ext4 /dev/sda1 rw',
  '30 22 0:40 / /mnt/a\\040share rw - nfs4 server:/a rw',
  '31 30 0:41 / /mnt/a\\040share/inner rw - fuse.sshfs b: rw',
].join('\n');
const mounts = createRemoteMounts({ readMountinfo: () => mountinfo, platform: 'linux' });
const manyMounts = createRemoteMounts({
  readMountinfo: () => [0, 1, 2].map((at) => `3${at} 1 0:4${at} / /mnt/${at} rw - nfs4 server:/${at} rw`).join('\n'),
  platform: 'linux',
});

/** A question that is answered when somebody says so, and whether it was asked. */
function question() {
  const { promise, resolve } = Promise.withResolvers<string>();
  const ask = vi.fn(() => promise);
  return { ask, answer: () => resolve('here') };
}

test('tells by names alone what lies on a remote filesystem', () => {
  expect(mounts.of('/mnt/a share/x.log')).toBe('/mnt/a share');
  expect(mounts.of('/mnt/a share/inner/*.log')).toBe('/mnt/a share/inner');
  expect(mounts.of('/mnt/a sharer/x.log')).toBeUndefined();
  expect(mounts.of('/var/log/syslog')).toBeUndefined();
  expect(mounts.below('/mnt').sort()).toEqual(['/mnt/a share', '/mnt/a share/inner']);
  expect(mounts.below('/mnt/a share')).toEqual(['/mnt/a share/inner']);
  const windows = createRemoteMounts({ platform: 'win32' });
  expect(windows.of('C:\\ClusterStorage\\Volume1\\a.log')).toBe('c:\\clusterstorage\\volume1');
  expect(windows.of('\\\\server\\share\\a.log')).toBe('\\\\server\\share');
  expect(windows.of('C:\\Windows\\a.log')).toBeUndefined();
});

test('a filesystem that does not answer is asked by one question only, and again once it has answered', async () => {
  const questions = createFileQuestions({ most: 4, overdueMs: 50, mounts });
  const first = question();
  const second = question();
  const asked = questions.ask('/mnt/a share/x', first.ask);
  const behind = questions.ask('/mnt/a share/y', second.ask);
  await expect(behind).rejects.toThrow(/^the filesystem of \/mnt\/a share has not answered since 20\S+Z$/);
  await expect(questions.ask('/mnt/a share/z', second.ask)).rejects.toBeInstanceOf(Unanswered);
  expect(second.ask).not.toHaveBeenCalled();
  expect(questions.unanswered()).toMatchObject([{ what: '/mnt/a share' }]);
  // Another filesystem, and one mounted below it, go on.
  expect(await questions.ask('/var/x', async () => 1)).toBe(1);
  expect(await questions.ask('/mnt/a share/inner/x', async () => 2)).toBe(2);
  first.answer();
  expect(await asked).toBe('here');
  expect(await questions.ask('/mnt/a share/y', async () => 3)).toBe(3);
  expect(questions.unanswered()).toEqual([]);
});

test('many questions at once never have more threads than there are for them', async () => {
  const questions = createFileQuestions({ most: 3, keptForFollowing: 1, overdueMs: 50, mounts });
  const all = Array.from({ length: 50 }, (_, number) => ({ path: `/local/${number}`, ...question() }));
  const asked = Promise.allSettled(all.map(({ path, ask }) => questions.ask(path, ask)));
  expect(all.filter(({ ask }) => ask.mock.calls.length > 0)).toHaveLength(2);
  await vi.waitFor(() => expect(questions.unanswered()).toHaveLength(2), patient);
  await expect(questions.ask('/local/other', async () => 1)).rejects.toThrow(
    '/local/other was not asked for: 2 other filesystems do not answer (/local/0, /local/1)',
  );
  // What follows files has a thread of its own.
  expect(await questions.ask('/local/log', async () => 1, { isFollowing: true })).toBe(1);
  for (const { answer } of all) answer();
  const ends = await asked;
  expect(ends.filter(({ status }) => status === 'fulfilled')).toHaveLength(2);
  expect(await questions.ask('/local/9', async () => 1)).toBe(1);
});

test('one that was given up while it waited is never asked, and one in line waits as long as it takes', async () => {
  const questions = createFileQuestions({ most: 4, overdueMs: 20, mounts });
  const first = question();
  const given = question();
  const asked = questions.ask('/local/x', first.ask);
  const up = new AbortController();
  const waiting = questions.ask('/local/x', given.ask, { signal: up.signal, inLine: true });
  const inLine = questions.ask('/local/x', async () => 'closed', { inLine: true });
  up.abort(new Error('given up'));
  await expect(waiting).rejects.toThrow('given up');
  await vi.waitFor(() => expect(questions.unanswered()).toHaveLength(1), patient);
  first.answer();
  expect([await asked, await inLine]).toEqual(['here', 'closed']);
  expect(given.ask).not.toHaveBeenCalled();
});

test('a small pool leaves the spool something as well', () => {
  expect(shareOfPool(10)).toEqual({ most: 6, keptForFollowing: 2 });
  expect(shareOfPool(4)).toEqual({ most: 2, keptForFollowing: 1 });
});

test('who gives up by himself is told when it is overdue; the question stays open, and its answer is for nobody', async () => {
  const questions = createFileQuestions({ most: 4, overdueMs: 20, mounts });
  const first = question();
  await expect(questions.ask('/mnt/a share/x', first.ask, { givesUp: true })).rejects.toThrow(
    /^the filesystem of \/mnt\/a share has not answered since/,
  );
  expect(questions.unanswered()).toMatchObject([{ what: '/mnt/a share' }]);
  first.answer();
  await vi.waitFor(() => expect(questions.unanswered()).toEqual([]), patient);
  expect(await questions.ask('/mnt/a share/x', async () => 'again', { givesUp: true })).toBe('again');
});

test('how full filesystems are is asked with threads of its own: two for dead mounts, one more for what is local', async () => {
  const questions = createFileQuestions({ most: 2, overdueMs: 20, mounts: manyMounts });
  const never = () => new Promise<number>(() => {});
  const silent = (path: string, isSpace: boolean) =>
    expect(questions.ask(path, never, { isSpace, givesUp: true })).rejects.toThrow(Unanswered);
  for (const path of ['/mnt/0', '/mnt/1']) await silent(path, true);
  // They cost others nothing.
  expect(await questions.ask('/local/a', async () => 1)).toBe(1);
  for (const path of ['/local/b', '/local/c']) await silent(path, false);
  await expect(questions.ask('/local/d', async () => 1)).rejects.toThrow('(/local/b, /local/c)');
  await expect(questions.ask('/mnt/2', async () => 1, { isSpace: true })).rejects.toThrow('(/mnt/0, /mnt/1)');
  expect(await questions.ask('/', async () => 1, { isSpace: true })).toBe(1);
  // One that is known to be silent is asked by nobody.
  await expect(questions.ask('/mnt/0/x', async () => 1)).rejects.toThrow('of /mnt/0 has not answered');
  await expect(questions.ask('/local/b', async () => 1, { isSpace: true })).rejects.toThrow('of /local/b has not');
});
