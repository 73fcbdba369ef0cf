import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createFileQuestions } from '../../../../agent/filesystems/file-questions.ts';
import { askedGlob } from '../../../../agent/filesystems/glob.ts';
import { createRemoteMounts } from '../../../../agent/filesystems/remote-mounts.ts';

test.skipIf(process.platform === 'win32')('a glob goes around a mount that does not answer, and says so', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sextant-glob-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const name of ['local', 'dead', 'alive']) {
    mkdirSync(join(folder, name));
    writeFileSync(join(folder, name, 'a.log'), '');
  }
  const lines = ['dead', 'alive'].map((name) => `30 22 0:40 / ${join(folder, name)} rw - nfs4 server:/a rw`);
  const mounts = createRemoteMounts({ readMountinfo: () => lines.join('\n'), platform: 'linux' });
  const questions = createFileQuestions({ most: 4, overdueMs: 50, mounts });
  const { promise, resolve } = Promise.withResolvers<void>();
  const open = questions.ask(join(folder, 'dead', 'other'), () => promise);
  const look = async (pattern: string): Promise<[string[], string[]]> => {
    const told: string[] = [];
    const found: string[] = [];
    const ask: Parameters<typeof askedGlob>[1]['ask'] = (path, question) => questions.ask(path, question);
    const onSilent = ({ message }: Error): void => void told.push(message);
    for await (const path of askedGlob(join(folder, pattern), { mounts, ask, onSilent })) found.push(path);
    return [found.map((path) => path.slice(folder.length)).sort(), told];
  };
  for (const pattern of ['*/*.log', '**/*.log']) {
    const [found, told] = await look(pattern);
    expect(found).toEqual(['/alive/a.log', '/local/a.log']);
    expect(told).toEqual([expect.stringContaining(`the filesystem of ${join(folder, 'dead')} has not answered since`)]);
  }
  resolve();
  await open;
  expect(await look('*/*.log')).toEqual([['/alive/a.log', '/dead/a.log', '/local/a.log'], []]);
});

test('a folder in the way of a glob that may not be listed is told, once; what lies beside it is found', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sextant-glob-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const name of ['open', 'open/deeper', 'shut', 'aside']) mkdirSync(join(folder, name));
  for (const name of ['open/a.log', 'open/deeper/b.log']) writeFileSync(join(folder, name), '');
  const look = async (pattern: string, shut: string): Promise<[string[], string[]]> => {
    const found: string[] = [];
    const denied: string[] = [];
    const globbed = askedGlob(join(folder, pattern), {
      mounts: createRemoteMounts({ readMountinfo: () => '', platform: 'linux' }),
      // Tests may run as root, whom nothing is denied.
      ask: async (path, question) => {
        if (path === shut)
          throw Object.assign(new Error(`EACCES: permission denied, opendir '${path}'`), { code: 'EACCES' });
        return question();
      },
      onSilent: () => undefined,
      onDenied: ({ message }) => void denied.push(message),
    });
    for await (const path of globbed) found.push(path.slice(folder.length));
    return [found.sort(), denied];
  };
  const shut = join(folder, 'shut');
  expect(await look('**/*.log', shut)).toEqual([
    ['/open/a.log', '/open/deeper/b.log'],
    [`EACCES: permission denied, opendir '${shut}'`],
  ]);
  expect(await look('*/*.log', shut)).toEqual([['/open/a.log'], [expect.stringContaining(shut)]]);
  expect(await look('shut/*.log', shut)).toEqual([[], [expect.stringContaining(shut)]]);
  expect(await look('open/*.log', shut)).toEqual([['/open/a.log'], []]);
  expect(await look('none/*.log', shut)).toEqual([[], []]);
});
