import { pino } from 'pino';
import { beforeEach, expect, test } from 'vitest';
import { createShedding, type Shedding } from '../../../../agent/limits/shedding.ts';

const log = pino({ level: 'silent' });
const MiB = 2 ** 20;
let resident: number;
let garbage: number;
let done: string[];
let shedding: Shedding;

beforeEach(() => {
  resident = 50 * MiB;
  garbage = 0;
  done = [];
  shedding = createShedding(
    {
      residentBytes: () => resident,
      collect: () => {
        resident -= garbage;
        garbage = 0;
      },
      pause: (priority, on) => on && done.push(`pause ${priority}`),
      shrinkBatches: (on) => on && done.push('small batches'),
      slowMetrics: (on) => on && done.push('slow metrics'),
      tell: (text) => done.push(text),
      log,
    },
    { maxBytes: 100 * MiB },
  );
});

test('gives up one thing after the other, the least missed first', () => {
  resident = 120 * MiB;
  const levels = [1, 2, 3, 3].map(() => {
    shedding.look();
    return shedding.level();
  });
  expect(levels).toEqual([1, 2, 3, 3]);
  expect(done).toEqual([
    'small batches',
    '120 MiB of 100 MiB in use: small batches',
    'small batches',
    'pause bulk',
    '120 MiB of 100 MiB in use: bulk sources paused',
    'small batches',
    'pause bulk',
    'pause normal',
    'slow metrics',
    '120 MiB of 100 MiB in use: normal sources paused, metrics every minute',
  ]);
  expect(shedding.steps()).toBe(3);
});

test('gives up nothing for garbage', () => {
  resident = 120 * MiB;
  garbage = 60 * MiB;
  shedding.look();
  expect(shedding.level()).toBe(0);
});

test('takes back step by step, and does not flap at a threshold', () => {
  resident = 95 * MiB;
  shedding.look();
  shedding.look();
  expect(shedding.level()).toBe(2);
  resident = 85 * MiB;
  shedding.look();
  expect(shedding.level()).toBe(2);
  resident = 60 * MiB;
  shedding.look();
  expect(shedding.level()).toBe(1);
  shedding.look();
  expect(shedding.level()).toBe(0);
  expect(shedding.steps()).toBe(2);
});
