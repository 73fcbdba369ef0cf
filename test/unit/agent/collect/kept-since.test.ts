import { expect, test } from 'vitest';
import { noteKeptSince } from '../../../../agent/collect/kept-since.ts';
import { type CoverageSource, coverageState } from '../../../../bundle/coverage.ts';
import { unanswered } from '../../../../bundle/unanswered.ts';
import { sampleCoverage } from '../../bundle/sample-bundle.ts';

const fromUnixMs = Date.parse('2026-11-20T08:00:00Z');
const source = (name: string, change: Partial<CoverageSource> = {}): CoverageSource => ({
  ...{ node: 'n1', source: name, state: 'ok', bytes: 1, first: null, last: null, reason: null, masked: {} },
  ...change,
});
const noted = (metrics: Partial<CoverageSource>) => {
  const kept = {
    logs: source('telemetry/logs', { first: '2026-11-20T08:00:01Z' }),
    metrics: source('telemetry/metrics', metrics),
  };
  noteKeptSince([kept.logs, kept.metrics], kept.metrics, { fromUnixMs });
  return kept;
};

test('a node’s own bundle says from when on the node has measured', () => {
  const { logs, metrics } = noted({ first: '2026-11-20T09:30:00.123456789Z' });
  const gap = { kind: 'silence', from: '2026-11-20T08:00:00.000Z', until: '2026-11-20T09:30:00.123Z' };
  expect(metrics.gaps).toEqual([expect.objectContaining(gap)]);
  expect(logs.gaps).toEqual(metrics.gaps);
  const coverage = sampleCoverage({ sources: [logs, metrics] });
  expect(coverageState(coverage)).toBe('complete');
  expect(unanswered(coverage).filter((question) => question.includes('its agent was not there before'))).toHaveLength(
    2,
  );
});

test('nothing is said of a window that is full, nor where another reason is known', () => {
  for (const change of [
    { first: '2026-11-20T08:00:40Z' },
    { first: '2026-11-20T09:30:00Z', state: 'partial' as const },
    { state: 'absent' as const },
  ]) {
    const { logs, metrics } = noted(change);
    expect([logs.gaps, metrics.gaps]).toEqual([undefined, undefined]);
  }
});
