import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { long } from '../long.ts';
import { patient } from '../patience.ts';
import { alive, type Site, startSite, temporaryFolder } from './running-site.ts';

let remove: () => void;
let site: Site;

beforeEach(async () => {
  const temporary = temporaryFolder();
  remove = temporary.remove;
  site = await startSite(join(temporary.folder, 'data'));
});

afterEach(async () => {
  await site.stop('SIGKILL', 'group');
  remove();
});

test.runIf(long)('stops cleanly on SIGTERM to every process at once, as service managers send it', async () => {
  const pids = [site.pid('collector'), site.pid('agent')];
  const { code } = await site.stop('SIGTERM', 'group');
  expect(code).toBe(0);
  expect(pids.filter(alive)).toEqual([]);
  expect(site.output()).not.toContain('unexpectedly');
});

test('goes on when nobody reads what it prints, and stops cleanly on Ctrl+C, which reaches every process', async () => {
  site.process.stdout?.destroy();
  site.process.stderr?.destroy();
  // Makes the supervisor speak.
  const crashed = site.pid('agent');
  process.kill(crashed, 'SIGKILL');
  await vi.waitFor(() => expect(site.pid('agent')).not.toBe(crashed), patient);
  expect(await site.sextant('nodes')).toMatchObject({ code: 0 });
  const pids = [site.pid('collector'), site.pid('agent')];
  const { code, ms } = await site.stop('SIGINT', 'group');
  expect(code).toBe(0);
  expect(ms).toBeLessThan(10_000);
  expect(pids.filter(alive)).toEqual([]);
});

test('stops within 10 s even when nothing answers any more', async () => {
  const pids = [site.pid('collector'), site.pid('agent')];
  for (const pid of pids) process.kill(pid, 'SIGSTOP');
  const { code, ms } = await site.stop();
  expect(code).toBe(0);
  expect(ms).toBeLessThan(10_000);
  expect(pids.filter(alive)).toEqual([]);
});

test('stops at once when it is told a second time', async () => {
  const pids = [site.pid('collector'), site.pid('agent')];
  for (const pid of pids) process.kill(pid, 'SIGSTOP');
  const closed = site.stop();
  // Sooner it would count as the same Ctrl+C, which a terminal and npm each deliver.
  await pause(1500);
  site.process.kill('SIGTERM');
  const { code, ms } = await closed;
  expect(code).toBe(1);
  expect(ms).toBeLessThan(3000);
  await vi.waitFor(() => expect(pids.filter(alive)).toEqual([]), patient);
});

test.each(long ? (['launcher', 'supervisor'] as const) : (['launcher'] as const))(
  'leaves nothing behind when its %s is killed',
  async (part) => {
    const pids = [site.pid('up'), site.pid('collector'), site.pid('agent')];
    process.kill(part === 'launcher' ? (site.process.pid ?? 0) : site.pid('up'), 'SIGKILL');
    await vi.waitFor(() => expect(pids.filter(alive)).toEqual([]), patient);
  },
);
