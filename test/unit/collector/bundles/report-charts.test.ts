import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createRedactor } from '../../../../bundle/redaction/redactor.ts';
import { readReportCharts } from '../../../../collector/bundles/report-charts.ts';
import { startEngine } from '../query/engine.ts';

let engine: Awaited<ReturnType<typeof startEngine>>;
const fromUnixMs = Date.parse('2026-11-20T11:00:00Z');
beforeAll(async () => {
  engine = await startEngine();
  const sample = (Node: string, MetricName: string, Attributes: Record<string, string>) => ({
    ...{ MetricName, MetricUnit: '1', ServiceName: 'agent', Node, Epoch: 'e1', Attributes, Value: 0.5 },
    TimeUnix: '2026-11-20 11:00:10.000',
    StartTimeUnix: '2026-11-20 10:00:00.000',
  });
  await engine.insert(
    'otel_metrics_gauge',
    ['vm', 'plant-7'].flatMap((node) => [
      sample(node, 'system.cpu.utilization', { 'cpu.mode': 'idle' }),
      sample(node, 'system.filesystem.utilization', {
        'system.filesystem.state': 'used',
        'system.filesystem.mountpoint': '/mnt/plant-7',
      }),
    ]),
  );
});
afterAll(() => engine.close());

test('legends name nodes by their pseudonyms, those with the name of an ordinary word too', async () => {
  const names = ['vm', 'plant-7'].map((name) => ({ kind: 'host' as const, name }));
  const redactor = createRedactor({ key: randomBytes(32), profile: 'standard', names });
  const charts = await readReportCharts(
    engine.store,
    { fromUnixMs, untilUnixMs: fromUnixMs + 60_000, nodes: ['vm', 'plant-7'] },
    { redactor, signal: new AbortController().signal },
  );
  const labels = charts.flatMap(({ series }) => series.map(({ label }) => label));
  expect(labels.length).toBeGreaterThanOrEqual(2);
  expect(charts[0]?.series.map(({ label }) => label).sort()).toEqual(
    [redactor.node('vm'), redactor.node('plant-7')].sort(),
  );
  expect(labels.join('\n')).not.toMatch(/\bvm\b|plant-7/);
});
