import { expect, test } from 'vitest';
import { loadProfile } from '../../../../../agent/profile/load.ts';
import {
  clusterMetrics,
  probeMetrics,
  virtualMachineMetrics,
} from '../../../../../agent/sources/azure-local-metrics.ts';
import { createCountersSource } from '../../../../../agent/sources/counters/source-windows.ts';
import { hardwareMetrics } from '../../../../../agent/sources/hardware/instruments.ts';
import { hostMetrics } from '../../../../../agent/sources/host/instruments.ts';
import { createRecordingPipeline } from '../recording-pipeline.ts';
import { createSourceContext } from '../source-context.ts';
import { createRecordedQuery } from './counter-query.ts';

const describedAs = { metric: 'test.share', unit: '1', description: 'For a test.' };

function make(metrics: unknown[], recording: Parameters<typeof createRecordedQuery>[0]) {
  const recorded = createRecordedQuery(recording);
  let now = 0;
  const { context, collect } = createSourceContext({
    logs: createRecordingPipeline().pipeline,
    profile: { counters: { enabled: true, metrics: metrics as never } },
    nowMs: () => now,
  });
  const source = createCountersSource(context, () => recorded.query);
  const pass = (ms: number) => {
    now += ms;
  };
  return { ...recorded, source, collect, pass };
}

test('makes a metric of each instance, scaled, without the sum of them', async () => {
  const path = '\\Set(*)\\% Something';
  const { source, collect } = make([{ ...describedAs, name: 'a', counter: path, scale: 0.01, instance: 'cpu' }], {
    [path]: {
      formatted: [0, 1].map((cpu) => ({ instance: `${cpu}`, value: 50 })).concat({ instance: '_Total', value: 9 }),
    },
  });
  await source.start();
  const samples = await collect();
  expect(samples.map(({ attributes, value }) => [attributes, value])).toEqual([
    [{ cpu: '0' }, 0.5],
    [{ cpu: '1' }, 0.5],
  ]);
  await source.close();
});

test('asks for a counter that does not exist once, and again after an hour', async () => {
  const { source, collect, added, recording, pass } = make(
    [{ ...describedAs, name: 'a', counter: '\\Later\\Count' }],
    {},
  );
  await source.start();
  await collect();
  await collect();
  expect(added).toEqual(['\\Later\\Count']);
  expect(source.health()).toMatchObject({ state: 'running', detail: '1 of 1 performance counters are not there' });
  recording['\\Later\\Count'] = { formatted: [{ instance: '', value: 3 }] };
  pass(3_600_000);
  expect((await collect()).map(({ value }) => value)).toEqual([3]);
  await source.close();
});

test('bounds the instances of a counter and counts what it leaves out', async () => {
  const path = '\\Many(*)\\Of Them';
  const formatted = Array.from({ length: 1_200 }, (_, index) => ({ instance: `${index}`, value: 1 }));
  const { source, collect } = make([{ ...describedAs, name: 'a', counter: path }], { [path]: { formatted } });
  await source.start();
  expect(await collect()).toHaveLength(1_000);
  expect(source.health().dropped).toBe(200);
  await source.close();
});

const roles = ['azure-local', 'sql-server', 'exchange', 'sharepoint', 'skype-for-business'];

test.each(roles)('the profile %s names each of its counters with metric, unit and description', async (role) => {
  const { counters } = loadProfile({ names: [role] }).profile;
  expect(counters.metrics.length).toBeGreaterThan(8);
  const { source, collect } = make(
    counters.metrics,
    Object.fromEntries(
      counters.metrics.map(({ counter }) => [
        counter,
        { formatted: [{ instance: 'x', value: 1 }], raw: [{ instance: 'x', first: 1, second: 1 }] },
      ]),
    ),
  );
  await source.start();
  const samples = await collect();
  await source.close();
  expect(source.health()).toMatchObject({ dropped: 0 });
  expect(new Set(samples.map(({ name }) => name))).toEqual(new Set(counters.metrics.map(({ metric }) => metric)));
  for (const { metric, unit, description } of counters.metrics) {
    // One metric has one unit and one description, whichever counter it comes from.
    const same = counters.metrics.filter((other) => other.metric === metric);
    expect(new Set(same.map((other) => `${other.unit} ${other.description} ${other.kind}`)).size).toBe(1);
    expect([unit, description].every((text) => text !== '')).toBe(true);
  }
});

test.each([...roles, 'windows'])('no counter of the profile %s is called as a metric of a source', (role) => {
  const taken = { ...hostMetrics, ...hardwareMetrics, ...clusterMetrics, ...virtualMachineMetrics, ...probeMetrics };
  const { counters } = loadProfile({ names: [role] }).profile;
  expect(counters.metrics.map(({ metric }) => metric).filter((metric) => metric in taken)).toEqual([]);
});
