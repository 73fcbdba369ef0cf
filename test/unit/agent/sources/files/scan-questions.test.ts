import { expect, test, vi } from 'vitest';
import { createFileQuestions } from '../../../../../agent/filesystems/file-questions.ts';
import { createRemoteMounts } from '../../../../../agent/filesystems/remote-mounts.ts';
import { Unanswered } from '../../../../../agent/filesystems/unanswered.ts';
import { createScanQuestions, whereAnswered } from '../../../../../agent/sources/files/scan-questions.ts';
import { patient } from '../../../../patience.ts';

const mountinfo = '30 22 0:40 / /logs/share rw - nfs4 server:/a rw';

function scan(bases: readonly string[], isStopped = () => false) {
  const mounts = createRemoteMounts({ readMountinfo: () => mountinfo, platform: 'linux' });
  const questions = createFileQuestions({ most: 6, overdueMs: 20, mounts });
  return { questions, ...createScanQuestions({ questions, isStopped }, { bases }) };
}

test('what does not answer is given up, named, and not asked again before it has answered', async () => {
  const { ask, silent } = scan(['/logs']);
  const answer = Promise.withResolvers<string>();
  const closed: string[] = [];
  await expect(
    ask(
      '/logs/share/a.log',
      () => answer.promise,
      (late) => closed.push(late),
    ),
  ).rejects.toThrow(Unanswered);
  expect(silent()).toEqual(['/logs/share']);
  const other = vi.fn(async () => 'b');
  expect(await whereAnswered(() => ask('/logs/share/b.log', other))).toBeUndefined();
  expect(other).not.toHaveBeenCalled();
  expect(await ask('/logs/c.log', async () => 'c')).toBe('c');
  answer.resolve('a');
  await vi.waitFor(() => expect(silent()).toEqual([]), patient);
  expect(closed, 'what came too late is for who closes it').toEqual(['a']);
  expect(await ask('/logs/share/b.log', other)).toBe('b');
});

test('below one folder two paths may wait for an answer, so that threads are left; others are asked', async () => {
  const { ask, silent } = scan(['/logs', '/logs/deep', '/opt']);
  const never = () => new Promise<string>(() => {});
  for (const path of ['/logs/a', '/logs/b']) await expect(ask(path, never)).rejects.toThrow(Unanswered);
  const third = vi.fn(async () => 'c');
  await expect(ask('/logs/c', third)).rejects.toThrow('nothing answers at /logs/a, /logs/b');
  expect(third).not.toHaveBeenCalled();
  for (const path of ['/opt/c', '/logs/deep/c', '/logs/share/c']) expect(await ask(path, third)).toBe('c');
  expect(silent()).toEqual(['/logs/a', '/logs/b']);
});

test('an answer is for nobody once the scan was stopped, and nothing more is asked for it', async () => {
  let stopped = false;
  const { ask, silent } = scan(['/logs'], () => stopped);
  const closed: string[] = [];
  const asked = ask(
    '/logs/a',
    async () => {
      stopped = true;
      return 'a';
    },
    (late) => closed.push(late),
  );
  await expect(asked).rejects.toThrow(Unanswered);
  expect(closed).toEqual(['a']);
  const next = vi.fn(async () => 'b');
  await expect(ask('/logs/b', next)).rejects.toThrow(Unanswered);
  expect(next).not.toHaveBeenCalled();
  expect(silent()).toEqual([]);
});
