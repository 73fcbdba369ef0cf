import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test, vi } from 'vitest';
import { long } from '../long.ts';
import { alive, temporaryFolder } from './running-site.ts';

const checkout = fileURLToPath(new URL('../..', import.meta.url));
const { folder, remove } = temporaryFolder();

afterEach(remove);

/** `npm start` as a person types it, in a group of its own; resolves when it says that it is ready. */
async function npmStart(dataDir: string): Promise<ChildProcess> {
  const npm = spawn('npm', ['start', '--', '--data-dir', dataDir, '--port', '0'], {
    cwd: checkout,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let output = '';
  const ready = Promise.withResolvers<void>();
  for (const stream of [npm.stdout, npm.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      if (/#signin=\S+\s/.test(output)) ready.resolve();
    });
  }
  npm.once('close', (code) => ready.reject(new Error(`npm start ended with ${code}:\n${output}`)));
  await ready.promise;
  return npm;
}

const holder = (dataDir: string, part: string): number =>
  JSON.parse(readFileSync(join(dataDir, part, 'holder.json'), 'utf8')).pid;

const endings: [string, (npm: number) => void][] = [
  ['SIGTERM to npm', (npm: number) => process.kill(npm, 'SIGTERM')],
  // Without npm stop.test.ts has it every day.
  ...(long
    ? [
        ['Ctrl+C, which reaches the whole group', (npm: number) => process.kill(-npm, 'SIGINT')] as [
          string,
          (npm: number) => void,
        ],
      ]
    : []),
  ['SIGTERM to the whole group', (npm: number) => process.kill(-npm, 'SIGTERM')],
  ['the death of npm', (npm: number) => process.kill(npm, 'SIGKILL')],
];

test.each(endings)('npm start ends within 10 s and leaves nothing behind on %s', async (name, end) => {
  const dataDir = join(folder, name.replaceAll(/\W+/g, '-'));
  const npm = await npmStart(dataDir);
  const pids = ['up', 'collector', 'agent'].map((part) => holder(dataDir, part));
  const closed = once(npm, 'close');
  const endedMs = performance.now();
  end(npm.pid ?? 0);
  await closed;
  await vi.waitFor(() => expect(pids.filter(alive)).toEqual([]), { timeout: 10_000, interval: 50 });
  expect(performance.now() - endedMs).toBeLessThan(10_000);
});
