import { expect, test } from 'vitest';
import { parseProcessStat } from '../../../../../agent/sources/host/processes.ts';
import { createProcessChoice, type ProcessSample } from '../../../../../agent/sources/host/top-processes.ts';

const sample = (pid: number, cpuSeconds: number, residentBytes: number, more: Partial<ProcessSample> = {}) => ({
  ...{ pid, name: `p${pid}`, startedAt: 1, userSeconds: cpuSeconds, systemSeconds: 0, residentBytes },
  ...more,
});
const pids = (chosen: { pid: number }[]) => chosen.map(({ pid }) => pid).sort((a, b) => a - b);

test('chooses the busiest since the last look, the largest, and those that are named', () => {
  const choose = createProcessChoice({ top: 1, named: ['sql*'] });
  const first = [sample(1, 900, 10), sample(2, 0, 20), sample(3, 0, 99), sample(4, 0, 1, { name: 'SQLservr.exe' })];
  // Nothing is known of who is busy yet, however much it has used before.
  expect(pids(choose(first, 0, 2))).toEqual([3, 4]);
  const second = first.map((process) => (process.pid === 2 ? sample(2, 5, 20) : process));
  const chosen = choose(second, 10_000, 2);
  expect(pids(chosen)).toEqual([2, 3, 4]);
  // 5 of 2 × 10 seconds.
  expect(chosen.find(({ pid }) => pid === 2)?.utilization).toBe(0.25);
});

test('does not take a new process for an old one of the same id', () => {
  const choose = createProcessChoice({ top: 1, named: [] });
  choose([sample(7, 100, 1)], 0, 1);
  const [chosen] = choose([sample(7, 101, 1, { startedAt: 2 })], 1_000, 1);
  expect(chosen?.utilization).toBeUndefined();
});

test('reads a process whose name holds anything', () => {
  const fields = Array.from({ length: 50 }, (_, index) => index + 4);
  const process = parseProcessStat(12, `12 (a) b (c)) R ${fields.join(' ')}`);
  // Each field holds its own number.
  expect(process).toMatchObject({
    ...{ pid: 12, name: 'a) b (c)', startedAt: 22, threads: 20, virtualBytes: 23 },
    ...{ userSeconds: 0.14, systemSeconds: 0.15, residentBytes: 24 * 4096 },
  });
  expect(parseProcessStat(1, 'nonsense')).toBeUndefined();
});
