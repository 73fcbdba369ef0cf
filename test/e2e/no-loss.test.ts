import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { count } from '../long.ts';
import { type Site, startSite, temporaryFolder } from './running-site.ts';

const total = count(20_000, 200_000);
const linesAtOnce = total / 100;
const { folder, remove } = temporaryFolder();
const followed = join(folder, 'numbered.log');
let site: Site;

beforeAll(async () => {
  writeFileSync(followed, '');
  site = await startSite(join(folder, 'data'), { args: ['--follow', followed] });
});

afterAll(async () => {
  await site?.stop();
  remove();
});

/** Ends a part without warning, as a crash does, and resolves when the supervisor has it running again. */
async function crash(part: 'collector' | 'agent'): Promise<void> {
  const pid = site.pid(part);
  process.kill(pid, 'SIGKILL');
  await vi.waitFor(() => expect(site.pid(part)).not.toBe(pid), { timeout: 30_000, interval: 20 });
}

async function storedNumbers(): Promise<number[]> {
  const { stdout } = await site.sextant(
    ...['logs', '--since', '1h', '--grep', 'numbered line', '--limit', '1000000', '--json'],
  );
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => Number(/numbered line (\d+)$/.exec(JSON.parse(line).body)?.[1]));
}

test('stores each of many lines exactly once while the collector is killed three times and the agent twice', async () => {
  const crashAt = new Map<number, 'collector' | 'agent'>([
    [15, 'collector'],
    [30, 'agent'],
    [45, 'collector'],
    [60, 'agent'],
    [75, 'collector'],
  ]);
  const crashes: Promise<void>[] = [];
  let written = 0;
  for (let burst = 0; burst < 100; burst++) {
    let text = '';
    for (let line = 0; line < linesAtOnce; line++) text += `numbered line ${++written}\n`;
    appendFileSync(followed, text);
    const part = crashAt.get(burst);
    // The writer goes on while the part is down.
    if (part) crashes.push(Promise.all(crashes).then(() => crash(part)));
    await pause(100);
  }
  await Promise.all(crashes);

  const numbers = await vi.waitFor(
    async () => {
      const stored = await storedNumbers();
      expect(stored.length).toBeGreaterThanOrEqual(total);
      return stored;
    },
    { timeout: 120_000, interval: 500 },
  );
  expect({ records: numbers.length, distinct: new Set(numbers).size, last: Math.max(...numbers.slice(-1000)) }).toEqual(
    {
      records: total,
      distinct: total,
      last: total,
    },
  );
}, 300_000);
