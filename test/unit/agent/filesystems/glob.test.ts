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
