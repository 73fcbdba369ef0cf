import { expect, test } from 'vitest';
import type { CoverageSource } from '../../../../bundle/coverage.ts';
import { noteQuarantined } from '../../../../collector/bundles/quarantine-gaps.ts';
import type { QuarantinedBatch } from '../../../../collector/journal/quarantine-box.ts';

const source = (node: string, name: string, state: CoverageSource['state']): CoverageSource => ({
  ...{ node, source: name, state, bytes: 0, first: null, last: null, reason: null, masked: {} },
});
const batch = (node: string, signal: string, quarantinedAt: string): QuarantinedBatch => ({
  ...{ name: `${signal}-1`, signal, reason: 'the engine refused it: no', quarantinedAt, bytes: 9, node },
  ...{ stream: signal, sequence: '7' },
});
const window = { fromUnixMs: Date.parse('2026-11-20T08:00:00Z'), untilUnixMs: Date.parse('2026-11-20T09:00:00Z') };

test('what lies in quarantine makes the source that lacks it partial, and no other', () => {
  const sources = [
    source('n1', 'telemetry/logs', 'ok'),
    source('n1', 'telemetry/metrics', 'absent'),
    source('n2', 'telemetry/logs', 'ok'),
    source('n3', 'telemetry/logs', 'failed'),
  ];
  const changed = noteQuarantined(
    sources,
    [
      batch('n1', 'logs', '2026-11-20T08:10:00.000Z'),
      batch('n1', 'logs', '2026-11-20T09:30:00.000Z'),
      batch('n1', 'metrics', '2026-11-20T08:20:00.000Z'),
      batch('n2', 'logs', '2026-11-20T07:59:59.000Z'),
      batch('n2', 'logs', '2026-11-20T10:00:00.000Z'),
      batch('n3', 'logs', '2026-11-20T08:30:00.000Z'),
    ],
    window,
  );
  expect(sources.map(({ state }) => state)).toEqual(['partial', 'partial', 'ok', 'failed']);
  expect(changed.map(({ node, source }) => `${node} ${source}`)).toEqual([
    'n1 telemetry/logs',
    'n1 telemetry/metrics',
    'n3 telemetry/logs',
  ]);
  expect(sources[0]).toMatchObject({
    reason: expect.stringMatching(/^2 batches are in the collector's quarantine .*: the engine refused it: no$/),
    gaps: [{ kind: 'lost', from: '2026-11-20T08:10:00.000Z', until: '2026-11-20T09:30:00.000Z' }],
  });
});
