import { expect, test } from 'vitest';
import type { CoverageSource } from '../../../../bundle/coverage.ts';
import type { BundleEstimateSource, BundleItemProgress } from '../../../../collector/api/shapes/bundles.ts';
import { createLiveItems } from '../../../../collector/bundles/live-items.ts';
import type { NodeGather } from '../../../../collector/bundles/node-gather.ts';

const estimated = (
  source: string,
  bytes: number,
  state: BundleEstimateSource['state'] = 'ok',
): BundleEstimateSource => ({
  ...{ node: 'n1', source, kind: 'logs', state, bytes, packedBytes: 0, basis: 'sampled', reason: null },
});
const written = (bytes: number): CoverageSource => ({
  ...{ node: 'n1', source: 'telemetry/logs', state: 'ok', bytes, first: null, last: null, reason: null, masked: {} },
});
const told = (source: string, expected: BundleItemProgress['expected']): BundleItemProgress => ({
  ...{ node: 'n1', source, state: 'waiting', bytes: 0, first: null, last: null, reason: null },
  ...{ records: null, elapsedMs: null, expected },
});

function site(items: BundleItemProgress[] = []) {
  const clock = { atMs: 0 };
  const gather = { items: () => items } as NodeGather;
  return { clock, live: createLiveItems({ gathers: () => [gather], nowMs: () => clock.atMs }) };
}

test('what a node says of its sources goes before what was planned for them', () => {
  const { live } = site([told('r/a', { bytes: 5, basis: 'last-run' }), told('r/b', null), told('r/c', null)]);
  live.foresee([estimated('r/a', 50), estimated('r/b', 60), estimated('r/c', 0, 'timeout')]);
  expect(live.items().map(({ source, expected }) => [source, expected])).toEqual([
    ['r/a', { bytes: 5, basis: 'last-run' }],
    ['r/b', { bytes: 60, basis: 'sampled' }],
    ['r/c', null],
  ]);
});

test('what is stored is foreseen until it is begun, and not at all where it could not be looked at', () => {
  const { live } = site();
  expect(live.unbegunBytes()).toBeUndefined();
  live.foresee([estimated('telemetry/logs', 70), estimated('telemetry/metrics', 0, 'failed')]);
  expect(live.unbegunBytes()).toBeUndefined();
  live.foresee([estimated('telemetry/logs', 70), estimated('telemetry/metrics', 30)]);
  expect(live.unbegunBytes()).toEqual([70, 30]);
  live.wrote(written(0), 'running');
  expect(live.unbegunBytes()).toEqual([30]);
});

test('of what the collector writes the time stands still at its end, and what is noted later takes nothing from it', () => {
  const { live, clock } = site();
  live.wrote(written(0), 'running');
  clock.atMs = 300;
  live.wrote(written(10), 'running', { count: 2, of: 'records' });
  expect(live.items()).toMatchObject([{ state: 'running', elapsedMs: 300, records: { count: 2, of: 'records' } }]);
  clock.atMs = 500;
  live.wrote(written(20), undefined, { count: 4, of: 'records' });
  clock.atMs = 900;
  live.wrote({ ...written(20), state: 'partial', reason: 'lost' });
  const figures = { elapsedMs: 500, records: { count: 4, of: 'records' }, expected: null };
  expect(live.items()).toMatchObject([{ state: 'partial', reason: 'lost', ...figures }]);
  expect(live.finished([written(20)])).toEqual([
    { node: 'n1', source: 'telemetry/logs', state: 'ok', bytes: 20, first: null, last: null, reason: null, ...figures },
  ]);
});
