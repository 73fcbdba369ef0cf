import type { MetricCondition } from './analyzer.ts';
import type { Hit } from './hits.ts';
import type { Series } from './series.ts';

const round = (value: number): number => (Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3)));

/** Series that are beyond the limit of a metric condition, by node and subject; of several of one subject the worst. */
export function metricHits(condition: MetricCondition, series: readonly Series[]): Hit[] {
  const { where = {}, by = [], statistic, above, below, share = 0, scale = 1, unit = '' } = condition;
  const limit = above ?? below ?? 0;
  const beyond = (value: number): boolean => (above === undefined ? value < limit : value > limit);
  const bySubject = new Map<string, Hit>();
  for (const one of series) {
    if (Object.entries(where).some(([name, value]) => one.attributes[name] !== value)) continue;
    const value = statistic === 'increase' ? one.increase : one[statistic];
    if (!beyond(value)) continue;
    const points = statistic === 'increase' ? [] : one.points.filter(([, at]) => beyond(at));
    if (points.length < one.points.length * share) continue;
    const subject = by
      .map((name) => one.attributes[name] ?? '')
      .filter((part) => part !== '')
      .join(' ');
    const known = bySubject.get(`${one.node}\u0000${subject}`);
    const worse = above === undefined ? value < (known?.value ?? 0) / scale : value > (known?.value ?? 0) / scale;
    if (known && !worse) continue;
    bySubject.set(`${one.node}\u0000${subject}`, {
      node: one.node,
      subject: subject.slice(0, 200),
      count: one.count,
      firstMs: points[0]?.[0] ?? one.firstMs,
      lastMs: points.at(-1)?.[0] ?? one.lastMs,
      channel: one.name,
      evidence: [],
      value: round(value * scale),
      limit: round(limit * scale),
      unit,
    });
  }
  return [...bySubject.values()];
}
