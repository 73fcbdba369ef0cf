import { ask, type Queries } from '../../query/ask.ts';
import { sqlFile, withFilter } from '../../query/sql-file.ts';
import { endOf } from '../evaluate/grid.ts';
import type { Selection, SeriesSource, StoredSeries } from '../evaluate/stored-series.ts';
import { executionFailure } from '../failure.ts';
import { keyOf, printLabels } from '../labels.ts';
import { matchesAll } from '../matchers.ts';
import { boundedSpan, type Catalogue } from './catalogue.ts';
import { type Choice, chooseMetrics } from './choose-metrics.ts';
import { conditionOf } from './condition.ts';
import { labelsOfStored, type Part, type StoredKind } from './names.ts';
import { readNumberText, type StoredRow, storedIdentity } from './stored-row.ts';

const statements: Record<StoredKind, string> = {
  gauge: sqlFile('sql/samples-gauge.sql', import.meta.url),
  sum: sqlFile('sql/samples-sum.sql', import.meta.url),
  histogram: sqlFile('sql/samples-histogram.sql', import.meta.url),
  summary: sqlFile('sql/samples-summary.sql', import.meta.url),
};

interface SamplesRow extends StoredRow {
  boundText: string;
  times: number[];
  samples: (number | string)[];
  ends: number[];
}

/** Reads the series of selectors from storage; what has to be said beside the answer goes to `warn`. */
export function createStoredSamples(
  queries: Queries,
  { catalogue, warn }: { catalogue: Catalogue; warn: (message: string) => void },
): SeriesSource {
  return {
    async select(selection, work) {
      const { grid, windowMs, matchers } = selection;
      const span = boundedSpan({ fromMs: grid.startMs - windowMs, toMs: endOf(grid) });
      if (span.toMs <= span.fromMs) return [];
      const choice = chooseMetrics(await catalogue(span, work.signal), matchers);
      for (const warning of choice.warnings) warn(warning);
      const found: StoredSeries[] = [];
      for (const { kind, part, names } of questionsOf(choice)) {
        const attributeNames = new Set(
          choice.chosen.filter(({ entry }) => entry.metric.kind === kind).flatMap(({ entry }) => entry.attributeNames),
        );
        const condition = conditionOf(matchers, attributeNames, choice.style);
        if (!condition) continue;
        const { rows } = await ask<SamplesRow>(queries, withFilter(statements[kind], condition), {
          parameters: {
            ...condition.parameters,
            ...span,
            ...looksOf(selection),
            names,
            part,
            limit: work.samplesLeft() + 1,
          },
          signal: work.signal,
          denormals: true,
        });
        for (const row of rows) {
          work.readSamples(row.times.length);
          if (work.visit(row.times.length + matchers.length)) await work.rest();
          const labels = labelsOfStored(storedIdentity(row, row.boundText), part, choice.style);
          if (matchesAll(labels, matchers)) found.push({ labels, ...inOrderOfTime(row) });
        }
      }
      return joined(found);
    },
  };
}

const looksOf = ({ grid, windowMs, newestOnly }: Selection) => ({
  startMs: grid.startMs,
  stepMs: grid.stepMs,
  windowMs,
  newestOnly: Number(newestOnly),
});

/** One question for each table and part. */
function questionsOf({ chosen }: Choice) {
  const questions = new Map<string, { kind: StoredKind; part: Part; names: string[] }>();
  for (const { entry, part } of chosen) {
    const { kind, name } = entry.metric;
    const question = questions.get(`${kind} ${part}`) ?? { kind, part, names: [] };
    question.names.push(name);
    questions.set(`${kind} ${part}`, question);
  }
  return questions.values();
}

function inOrderOfTime({ times, samples, ends }: SamplesRow): Omit<StoredSeries, 'labels'> {
  const order = times.map((_, index) => index);
  order.sort((a, b) => (times[a] ?? 0) - (times[b] ?? 0));
  return {
    times: Float64Array.from(order, (index) => times[index] ?? 0),
    values: Float64Array.from(order, (index) => readNumberText(samples[index] ?? 0)),
    ...(ends.includes(1) && { ended: Uint8Array.from(order, (index) => ends[index] ?? 0) }),
  };
}

/**
 * Series of the same labels one after the other, as a program that was started again leaves them. Throws a failure
 * `execution` when two are there at once: they differ in something that is no label here.
 */
function joined(found: StoredSeries[]): StoredSeries[] {
  const groups = Map.groupBy(found, ({ labels }) => keyOf(labels));
  return [...groups.values()].map((group) => {
    const [first] = group;
    if (!first || group.length === 1)
      return first ?? { labels: [], times: new Float64Array(), values: new Float64Array() };
    group.sort((a, b) => (a.times[0] ?? 0) - (b.times[0] ?? 0));
    for (const [index, series] of group.entries()) {
      const before = group[index - 1];
      if (before && (before.times.at(-1) ?? 0) >= (series.times[0] ?? 0)) {
        throw executionFailure(
          `several stored series have the labels ${printLabels(series.labels)} at the same time: they differ in their instrumentation scope, resource or original name; ask /api/v1/metrics/series for them`,
        );
      }
    }
    return {
      labels: first.labels,
      times: concatenated(group.map(({ times }) => times)),
      values: concatenated(group.map(({ values }) => values)),
      ...(group.some(({ ended }) => ended) && {
        ended: Uint8Array.from(group.flatMap(({ times, ended }) => [...(ended ?? new Uint8Array(times.length))])),
      }),
    };
  });
}

function concatenated(arrays: Float64Array[]): Float64Array {
  const all = new Float64Array(arrays.reduce((length, array) => length + array.length, 0));
  let at = 0;
  for (const array of arrays) {
    all.set(array, at);
    at += array.length;
  }
  return all;
}
