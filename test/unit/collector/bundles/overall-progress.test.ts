import { expect, test } from 'vitest';
import type { BundleItemProgress } from '../../../../collector/api/shapes/bundles.ts';
import { overallProgress } from '../../../../collector/bundles/overall-progress.ts';

const mega = 1_000_000;
const item = (
  source: string,
  state: string,
  bytes: number,
  more: { node?: string; elapsedMs?: number; expected?: number } = {},
): BundleItemProgress => ({
  ...{ node: more.node ?? 'n1', source, state, bytes, first: null, last: null, reason: null, records: null },
  elapsedMs: more.elapsedMs ?? null,
  expected: more.expected === undefined ? null : { bytes: more.expected, basis: 'measured' },
});
const active = { isActive: true, elapsedMs: 7000, unbegunBytes: [] };

test('what is to come is told from what sources are expected to bring, the time from how fast the node’s came', () => {
  const items = [
    item('r/a', 'ok', 10 * mega, { elapsedMs: 1000, expected: 9 * mega }),
    item('r/b', 'running', 5 * mega, { elapsedMs: 500, expected: 20 * mega }),
    item('r/c', 'waiting', 0, { expected: 15 * mega }),
  ];
  expect(overallProgress(items, active)).toEqual({
    ...{ bytes: 15 * mega, expectedBytes: 45 * mega, unknownSources: 0, elapsedMs: 7000, remainingMs: 3000 },
  });
});

test('nodes gather beside each other, what is stored is written after the slowest of them', () => {
  const items = [
    item('r/a', 'running', 10 * mega, { elapsedMs: 1000, expected: 30 * mega }),
    item('r/a', 'running', 1 * mega, { node: 'n2', elapsedMs: 1000, expected: 6 * mega }),
  ];
  const { remainingMs } = overallProgress(items, { ...active, unbegunBytes: [11 * mega] });
  // The second node takes 5 s more; both together came at 5.5 MB/s.
  expect(remainingMs).toBe(5000 + 2000);
});

test('a source that nobody knows the size of is named, and no time is told', () => {
  const items = [
    item('r/a', 'ok', 10 * mega, { elapsedMs: 1000 }),
    item('r/b', 'waiting', 0),
    item('r/c', 'waiting', 0, { expected: mega }),
  ];
  expect(overallProgress(items, active)).toMatchObject({
    ...{ bytes: 10 * mega, expectedBytes: 11 * mega, unknownSources: 1, remainingMs: null },
  });
  expect(overallProgress(items.slice(0, 2), active)).toMatchObject({ expectedBytes: null, remainingMs: null });
});

test('as long as nobody has looked at what is stored it is one source of unknown size', () => {
  const items = [item('r/a', 'running', mega, { elapsedMs: 100, expected: 2 * mega })];
  expect(overallProgress(items, { ...active, unbegunBytes: undefined })).toMatchObject({
    ...{ expectedBytes: 2 * mega, unknownSources: 1, remainingMs: null },
  });
});

test('programs that print little are told by how long such ones took, and before any speed is known no time is', () => {
  const items = [
    item('r/a', 'ok', 100, { elapsedMs: 400, expected: 100 }),
    item('r/b', 'ok', 100, { elapsedMs: 600 }),
    item('r/c', 'waiting', 0, { expected: 100 }),
    item('r/d', 'waiting', 0, { expected: 100 }),
  ];
  expect(overallProgress(items, active).remainingMs).toBe(1000);
  const large = item('r/e', 'waiting', 0, { expected: 10 * mega });
  expect(overallProgress([...items, large], active).remainingMs).toBeNull();
});

test('a source that brings more than was expected makes nothing negative, and a finished bundle has nothing to come', () => {
  const items = [item('r/a', 'running', 3 * mega, { elapsedMs: 100, expected: mega })];
  expect(overallProgress(items, active)).toMatchObject({ expectedBytes: 3 * mega, remainingMs: 0 });
  expect(overallProgress(items, { ...active, isActive: false, unbegunBytes: undefined })).toEqual({
    ...{ bytes: 3 * mega, expectedBytes: null, unknownSources: 0, elapsedMs: 7000, remainingMs: null },
  });
});
