import type { BatchObservableCallback, Observable } from '@opentelemetry/api';
import type { Profile } from '../../profile/profile.ts';
import type { Counter, CounterQuery } from '../../windows/pdh.ts';
import type { Source, SourceContext } from '../source.ts';

type CounterMetric = Profile['counters']['metrics'][number];

/** A role may be installed, or a set of counters switched on, while the agent runs. */
const lookAgainMs = 3_600_000;
/** Instances of one counter at most; a host has hundreds of virtual processors and disks, not thousands. */
const maxInstances = 1_000;
/** The sum of all instances, which is worked out where it is wanted. */
const total = '_Total';

/**
 * Performance counters that the profile names, as metrics. A counter that this machine does not have is told once, left
 * out, and looked for again every hour. `open` is `openCounterQuery`.
 */
export function createCountersSource(context: SourceContext, open: () => CounterQuery): Source {
  const wanted = context.profile.counters.metrics.filter(({ enabled }) => enabled !== false);
  const instruments = new Map<string, Observable>();
  const found = new Map<CounterMetric, Counter>();
  const told = new Set<CounterMetric>();
  let query: CounterQuery | undefined;
  let state: 'starting' | 'running' | 'absent' = 'starting';
  let lookedMs = 0;
  let samples = 0;
  let cut = 0;
  let lastRecordUnixMs: number | undefined;

  for (const { metric, unit, description, kind } of wanted) {
    if (instruments.has(metric)) continue;
    const options = { unit, description };
    const made =
      kind === 'total'
        ? context.meter.createObservableCounter(metric, options)
        : context.meter.createObservableGauge(metric, options);
    instruments.set(metric, made);
  }
  const observables = [...instruments.values()];

  function look(): void {
    lookedMs = context.nowMs();
    const missing: { counter: string; reason: string }[] = [];
    for (const metric of wanted) {
      if (found.has(metric) || !query) continue;
      const added = query.add(metric.counter);
      if (added.counter !== undefined) found.set(metric, added.counter);
      else if (!told.has(metric)) {
        told.add(metric);
        missing.push({ counter: metric.counter, reason: added.reason });
      }
    }
    if (missing.length > 0) context.log.info({ missing }, 'performance counters that this machine lacks');
  }

  const observe: BatchObservableCallback = async (result) => {
    if (!query) return;
    if (context.nowMs() - lookedMs >= lookAgainMs) look();
    if (found.size === 0 || !(await query.collect()) || !query) return;
    for (const [metric, counter] of found) {
      const instrument = instruments.get(metric.metric);
      const values =
        metric.kind === 'total'
          ? query.raw(counter).map(({ instance, first }) => ({ instance, value: first }))
          : query.formatted(counter);
      const several = metric.counter.includes('(*)');
      let instances = 0;
      for (const { instance, value } of values) {
        if (!instrument || (several && instance === total)) continue;
        instances += 1;
        if (instances > maxInstances) {
          cut += 1;
          continue;
        }
        const who = several ? { [metric.instance ?? 'instance']: instance } : {};
        result.observe(instrument, value * (metric.scale ?? 1), { ...who, ...metric.attributes });
        samples += 1;
      }
    }
    lastRecordUnixMs = context.nowMs();
  };

  return {
    name: 'counters',
    async start() {
      if (!context.profile.counters.enabled || wanted.length === 0) {
        state = 'absent';
        return;
      }
      query = open();
      look();
      // The first collection is what the second is compared with.
      await query.collect();
      context.meter.addBatchObservableCallback(observe, observables);
      state = 'running';
    },
    async close() {
      context.meter.removeBatchObservableCallback(observe, observables);
      query?.close();
      query = undefined;
      found.clear();
    },
    health() {
      const missing = wanted.length - found.size;
      return {
        name: 'counters',
        state,
        records: samples,
        dropped: cut,
        ...(lastRecordUnixMs === undefined ? {} : { lastRecordUnixMs }),
        ...(state === 'running' && missing > 0
          ? { detail: `${missing} of ${wanted.length} performance counters are not there` }
          : {}),
      };
    },
  };
}
