import type { Result } from './evaluate/evaluate.ts';
import { printValue } from './evaluate/print-value.ts';
import type { Labels } from './labels.ts';

const point = (timeMs: number, value: number): string => `[${timeMs / 1000},"${printValue(value)}"]`;
const metric = (labels: Labels): string => JSON.stringify(Object.fromEntries(labels));

/** The answer of a query as JSON, in pieces: one for a series, since all of them may be many megabytes. */
export function* writeResult(result: Result, warnings: readonly string[]): Generator<string> {
  yield `{"status":"success",${warnings.length > 0 ? `"warnings":${JSON.stringify(warnings)},` : ''}"data":{"resultType":"${result.type}","result":`;
  switch (result.type) {
    case 'scalar':
      yield point(...result.point);
      break;
    case 'string':
      yield `[${result.timeMs / 1000},${JSON.stringify(result.text)}]`;
      break;
    default:
      yield '[';
      yield* writeSeries(result);
      yield ']';
  }
  yield '}}';
}

function* writeSeries(result: Extract<Result, { series: unknown }>): Generator<string> {
  let separator = '';
  if (result.type === 'vector') {
    for (const { labels, point: one } of result.series) {
      yield `${separator}{"metric":${metric(labels)},"value":${point(...one)}}`;
      separator = ',';
    }
    return;
  }
  for (const { labels, times, values } of result.series) {
    const points = Array.from(times, (time, index) => point(time, values[index] ?? 0));
    yield `${separator}{"metric":${metric(labels)},"values":[${points.join(',')}]}`;
    separator = ',';
  }
}
