import { expect, test } from 'vitest';
import { hostMetrics } from '../../../../../agent/sources/host/instruments.ts';
import { createHostSource } from '../../../../../agent/sources/host/source-linux.ts';
import { processMetrics } from '../../../../../agent/sources/host/top-processes.ts';
import { patient } from '../../../../patience.ts';
import { createRecordingPipeline } from '../recording-pipeline.ts';
import { createSourceContext } from '../source-context.ts';

const roots = { procRoot: 'test/data/linux-node/proc', sysRoot: 'test/data/linux-node/sys' };

test('reports every metric of a recorded machine with its unit', async () => {
  const { context, collect } = createSourceContext({ logs: createRecordingPipeline().pipeline });
  const source = createHostSource(context, roots);
  await source.start();
  const samples = await collect();
  await source.close();
  const names = new Set(samples.map(({ name }) => name));
  // The recording stands still, so no time passes between two samples.
  const missing = Object.keys(hostMetrics).filter((name) => !names.has(name));
  expect(missing).toEqual(['system.cpu.utilization']);
  const units = { ...hostMetrics, ...processMetrics };
  for (const { name, unit } of samples) expect(unit).toBe(units[name as keyof typeof units][1]);
  expect(samples).toContainEqual({
    name: 'system.process.count',
    unit: '{process}',
    monotonic: false,
    attributes: { 'process.state': 'running' },
    value: 1,
  });
  expect(source.health()).toMatchObject({ state: 'running', records: samples.length });
});

test('reports this machine itself', async () => {
  const { context, collect } = createSourceContext({ logs: createRecordingPipeline().pipeline });
  const source = createHostSource(context);
  await source.start();
  await expect
    .poll(async () => (await collect()).filter(({ name }) => name === 'system.cpu.utilization').length, patient)
    .toBeGreaterThan(0);
  const samples = await collect();
  await source.close();
  const shares = samples.filter(({ name }) => name === 'system.memory.utilization');
  expect(shares.reduce((sum, { value }) => sum + value, 0)).toBeCloseTo(1, 2);
  expect(samples.find(({ name }) => name === 'system.cpu.time')?.monotonic).toBe(true);
  expect(samples.some(({ attributes }) => attributes['system.filesystem.mountpoint'] === '/')).toBe(true);
  const open = samples.filter(({ name }) => name === 'process.unix.file_descriptor.count');
  expect(open.length).toBeGreaterThan(0);
  expect(open.every(({ value }) => value > 0)).toBe(true);
});

test('says nothing more after close', async () => {
  const { context, collect } = createSourceContext({ logs: createRecordingPipeline().pipeline });
  const source = createHostSource(context, roots);
  await source.start();
  await source.close();
  await collect();
  expect(source.health().records).toBe(0);
});

test('is absent where there is no /proc', async () => {
  const { context } = createSourceContext({ logs: createRecordingPipeline().pipeline });
  const source = createHostSource(context, { procRoot: 'test/data/nowhere' });
  await source.start();
  expect(source.health().state).toBe('absent');
});
