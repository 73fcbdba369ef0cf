import type { Queries } from '../query/ask.ts';
import { evaluateAt, evaluateOver, type Result } from './evaluate/evaluate.ts';
import type { Grid } from './evaluate/grid.ts';
import { createWork, type Work } from './evaluate/work.ts';
import { badData, PrometheusFailure } from './failure.ts';
import { type Labels, labelValue, nameLabel } from './labels.ts';
import { createMatcher, type Matcher } from './matchers.ts';
import { typeOf } from './parse/check-types.ts';
import type { Expression } from './parse/expression.ts';
import { type CatalogueEntry, createCatalogue, type TimeSpan } from './read/catalogue.ts';
import { familyName, labelName, seriesNames } from './read/names.ts';
import { listSeries } from './read/series-listing.ts';
import { createStoredSamples } from './read/stored-samples.ts';
import { createTurns } from './turns.ts';
import { createUnsent } from './unsent.ts';

const defaultLookbackMs = 300_000;
const longestMs = 30_000;
/** Each may hold some hundred megabytes; storage answers three at a time. */
const queriesAtOnce = 3;
/** What eight million points take. Readers who are slow hold their answers; where these are many, queries wait. */
const mostUnsentBytes = 128_000_000;

export interface Asking {
  /** Shorter than the server's own limit of 30 seconds. */
  timeoutMs?: number | undefined;
  lookbackMs?: number | undefined;
  signal: AbortSignal;
  /** Resolves when the answer has been sent, or cannot be any more. Without it nothing is held for its reader. */
  left?: Promise<void>;
}

export interface Answer {
  result: Result;
  warnings: string[];
}

/** What Prometheus calls a metric's metadata. */
export interface Metadata {
  type: 'counter' | 'gauge' | 'histogram' | 'summary';
  help: string;
  unit: string;
}

/** Answers as a Prometheus server would that has scraped what is stored. Throws PrometheusFailure and SextantError. */
export function createPrometheus(
  queries: Queries,
  { nowMs, unsentBytes = mostUnsentBytes }: { nowMs: () => number; unsentBytes?: number },
) {
  const catalogue = createCatalogue(queries, nowMs);
  const inTurn = createTurns(queriesAtOnce);
  const unsent = createUnsent(unsentBytes);

  /** `sizeOf` says how many bytes are held until the answer has been sent. */
  async function bounded<Answer>(
    { timeoutMs, signal, left }: Asking,
    run: (work: Work) => Promise<Answer>,
    sizeOf: (answer: Answer) => number,
  ): Promise<Answer> {
    const work = createWork({ timeoutMs: Math.min(timeoutMs ?? longestMs, longestMs), hangUp: signal });
    try {
      return await inTurn(work.signal, async () => {
        const answer = await run(work);
        // The turn is kept meanwhile: no other query comes to have an answer that waits as well.
        if (left) left.then(await unsent(sizeOf(answer), work.signal));
        return answer;
      });
    } catch (error) {
      // What storage says of a query that was cut off is not why it was.
      if (work.signal.aborted && !(error instanceof PrometheusFailure)) throw work.ended();
      throw error;
    }
  }

  function evaluate(
    asking: Asking,
    run: (evaluation: Parameters<typeof evaluateAt>[2]) => Promise<Result>,
  ): Promise<Answer> {
    const warnings = new Set<string>();
    const source = createStoredSamples(queries, { catalogue, warn: (message) => warnings.add(message) });
    const answer = async (work: Work): Promise<Answer> => {
      const result = await run({ source, work, lookbackMs: asking.lookbackMs ?? defaultLookbackMs });
      return { result, warnings: [...warnings] };
    };
    return bounded(asking, answer, ({ result }) => bytesOf(result));
  }

  /** Labels of all series that one of the selectors finds. */
  async function series(selectors: Matcher[][], span: TimeSpan, asking: Asking): Promise<Labels[]> {
    const list = async (work: Work): Promise<Labels[]> => {
      const found = new Map<string, Labels>();
      for (const matchers of selectors) await listSeries(queries, catalogue, { matchers, span, work }, found);
      return [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, labels]) => labels);
    };
    return bounded(asking, list, (found) => sum(found, bytesOfLabels));
  }

  const supported = (span: TimeSpan, asking: Asking): Promise<CatalogueEntry[]> =>
    bounded(
      asking,
      async ({ signal }) => (await catalogue(span, signal)).filter(({ unsupported }) => unsupported === undefined),
      // The catalogue is kept whoever reads it.
      () => 0,
    );

  return {
    query: (expression: Expression, atMs: number, asking: Asking): Promise<Answer> =>
      evaluate(asking, (evaluation) => evaluateAt(expression, atMs, evaluation)),

    queryRange(expression: Expression, grid: Grid, asking: Asking): Promise<Answer> {
      const type = typeOf(expression);
      if (type !== 'scalar' && type !== 'instant vector') {
        throw badData(`invalid expression type "${type}" for range query, must be Scalar or instant Vector`);
      }
      return evaluate(asking, (evaluation) => evaluateOver(expression, grid, evaluation));
    },

    series,

    /** Names of labels; of all series when there are no selectors. */
    async labels(selectors: Matcher[][], span: TimeSpan, asking: Asking): Promise<string[]> {
      if (selectors.length > 0) {
        return sorted((await series(selectors, span, asking)).flatMap((labels) => labels.map(([name]) => name)));
      }
      const entries = await supported(span, asking);
      if (entries.length === 0) return [];
      const names = entries.flatMap(({ attributeNames }) =>
        attributeNames.map((name) => labelName(name, 'prometheus')),
      );
      const kinds = new Set(entries.map(({ metric }) => metric.kind));
      const ofKind = [...(kinds.has('histogram') ? ['le'] : []), ...(kinds.has('summary') ? ['quantile'] : [])];
      return sorted([nameLabel, 'instance', 'job', 'node', ...ofKind, ...names]);
    },

    /** Values of a label; of all series when there are no selectors. */
    async labelValues(name: string, selectors: Matcher[][], span: TimeSpan, asking: Asking): Promise<string[]> {
      if (selectors.length > 0) {
        const found = await series(selectors, span, asking);
        return sorted(found.map((labels) => labelValue(labels, name)).filter((value) => value !== ''));
      }
      if (name === nameLabel) {
        const entries = await supported(span, asking);
        return sorted(entries.flatMap(({ metric }) => seriesNames(metric, 'prometheus').map((named) => named.name)));
      }
      const found = await series([[createMatcher(name, '!=', '')]], span, asking);
      return sorted(found.map((labels) => labelValue(labels, name)));
    },

    /** What is known of metrics, by the name of the family. */
    async metadata(span: TimeSpan, asking: Asking): Promise<Map<string, Metadata[]>> {
      const byName = new Map<string, Metadata[]>();
      for (const { metric, help } of await supported(span, asking)) {
        const { kind, isMonotonic, unit } = metric;
        const type = kind === 'sum' ? (isMonotonic ? 'counter' : 'gauge') : kind;
        const name = familyName(metric, 'prometheus');
        byName.set(name, [...(byName.get(name) ?? []), { type, help, unit }]);
      }
      return byName;
    },
  };
}

const sum = <Item>(items: readonly Item[], sizeOf: (item: Item) => number): number =>
  items.reduce((total, item) => total + sizeOf(item), 0);

const bytesOfLabels = (labels: Labels): number => sum(labels, ([name, value]) => 2 * (name.length + value.length));

/** About what a result holds: 16 bytes a point, and texts. */
function bytesOf(result: Result): number {
  if (!('series' in result)) return result.type === 'string' ? 2 * result.text.length : 16;
  if (result.type === 'vector') return sum(result.series, ({ labels }) => 16 + bytesOfLabels(labels));
  return sum(result.series, ({ labels, times }) => 16 * times.length + bytesOfLabels(labels));
}

const sorted = (texts: string[]): string[] => [...new Set(texts)].sort();
