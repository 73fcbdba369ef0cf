import { sourcesOf } from '../../agent/sources/all.ts';
import type { LogPipeline } from '../../agent/sources/source.ts';
import { createSourceContext, emptyProfile } from '../unit/agent/sources/source-context.ts';

/** Runs under Wine: lets each source of metrics live twice, and tells how it was and what it said. */
const { metrics } = emptyProfile;
const counter = (name: string, path: string) => ({
  ...{ name, counter: path, metric: `test.${name}`, unit: '1', description: 'For a test.', scale: 0.01 },
  instance: 'cpu',
});
const profile = {
  ...emptyProfile,
  metrics: { ...metrics, processes: { top: 2, named: ['node*'] } },
  counters: {
    enabled: true,
    metrics: [
      counter('shown', '\\Processor(_Total)\\% Processor Time'),
      { ...counter('total', '\\System\\System Up Time'), kind: 'total' as const },
      counter('lacking', '\\No Such Set(*)\\No Such Counter'),
    ],
  },
};

for (const name of ['host', 'counters']) {
  const { context, collect } = createSourceContext({ logs: undefined as unknown as LogPipeline, profile });
  const source = sourcesOf('win32')
    .find((factory) => factory.name === name)
    ?.create(context);
  if (!source) throw new Error(`there is no ${name}`);
  const health = [source.health()];
  await source.close();
  await source.start();
  health.push(source.health());
  await collect();
  const samples = await collect();
  health.push(source.health());
  await source.close();
  await source.close();
  await source.start();
  health.push(source.health());
  await source.close();
  console.log(JSON.stringify({ name, health, samples }));
}
