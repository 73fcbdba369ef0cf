import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { evaluateAt, evaluateOver } from '../../collector/prometheus/evaluate/evaluate.ts';
import { gridOf } from '../../collector/prometheus/evaluate/grid.ts';
import { createWork } from '../../collector/prometheus/evaluate/work.ts';
import { PrometheusFailure } from '../../collector/prometheus/failure.ts';
import { typeOf } from '../../collector/prometheus/parse/check-types.ts';
import { parseQuery } from '../../collector/prometheus/parse/parse.ts';
import { writeResult } from '../../collector/prometheus/write-result.ts';
import { expressions } from '../unit/collector/prometheus/expressions.ts';
import { memorySource, originMs } from '../unit/collector/prometheus/memory-source.ts';
import { siteSeries } from '../unit/collector/prometheus/site-series.ts';

/** Debian's Prometheus as a second opinion: the same samples, the same questions. */
const isAsked =
  process.env.SEXTANT_INTEROP === '1' && existsSync('/usr/bin/prometheus') && existsSync('/usr/bin/promtool');
if (!isAsked)
  console.warn('SKIPPED: the comparison with Prometheus needs SEXTANT_INTEROP=1 and Debian’s package prometheus');

const source = memorySource(siteSeries);
const folder = mkdtempSync(join(tmpdir(), 'sextant-prometheus-'));
let stop: (() => Promise<unknown>) | undefined;
let url = '';

beforeAll(async () => {
  if (!isAsked) return;
  const text = siteSeries.flatMap(({ name, labels, samples }) => {
    const written = Object.entries(labels).map(([label, value]) => `${label}=${JSON.stringify(value)}`);
    return samples.map(
      ([seconds, value]) => `${name}{${written.join(',')}} ${printed(value)} ${originMs / 1000 + seconds}`,
    );
  });
  writeFileSync(join(folder, 'samples.txt'), `${text.join('\n')}\n# EOF\n`);
  writeFileSync(join(folder, 'prometheus.yml'), '');
  execFileSync('/usr/bin/promtool', [
    'tsdb',
    'create-blocks-from',
    'openmetrics',
    join(folder, 'samples.txt'),
    join(folder, 'data'),
  ]);
  const port = await freePort();
  url = `http://127.0.0.1:${port}`;
  const child = spawn(
    '/usr/bin/prometheus',
    [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      '--storage.tsdb.retention.time=100y',
      '--enable-feature=promql-at-modifier,promql-negative-offset',
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    { stdio: 'ignore' },
  );
  const ended = new Promise((resolve) => child.once('exit', resolve));
  stop = () => {
    child.kill();
    return ended;
  };
  await vi.waitFor(async () => expect((await fetch(`${url}/-/ready`)).status).toBe(200), {
    timeout: 60_000,
    interval: 200,
  });
}, 120_000);

afterAll(async () => {
  await stop?.();
  rmSync(folder, { recursive: true, force: true });
});

const printed = (value: number) => (value === Number.POSITIVE_INFINITY ? '+Inf' : String(value));

const freePort = () =>
  new Promise<number>((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(address !== null && typeof address === 'object' ? address.port : 0));
    });
  });

interface Answered {
  data?: unknown;
  errorType?: string;
}

async function theirs(path: string, parameters: Record<string, string>): Promise<Answered> {
  const answer = await fetch(`${url}/api/v1/${path}`, { method: 'POST', body: new URLSearchParams(parameters) });
  const { data, errorType } = (await answer.json()) as Answered;
  return errorType ? { errorType } : { data };
}

async function ours(
  query: string,
  span: { at: number } | { start: number; end: number; step: number },
): Promise<Answered> {
  try {
    const expression = parseQuery(query);
    const work = createWork({ timeoutMs: 30_000 });
    const evaluation = { source, work, lookbackMs: 300_000 };
    if ('at' in span) return read(await evaluateAt(expression, originMs + span.at * 1000, evaluation));
    if (!['scalar', 'instant vector'].includes(typeOf(expression))) return { errorType: 'bad_data' };
    const grid = gridOf(originMs + span.start * 1000, originMs + span.end * 1000, span.step * 1000);
    return read(await evaluateOver(expression, grid, evaluation));
  } catch (error) {
    if (error instanceof PrometheusFailure) return { errorType: error.kind };
    throw error;
  }
}

const read = (result: Parameters<typeof writeResult>[0]) => ({
  data: JSON.parse([...writeResult(result, [])].join('')).data,
});

/** Numbers to eleven digits, series in the order of their labels: neither is promised to be the same. */
function comparable(answered: Answered, isOrdered: boolean): unknown {
  const { data } = answered as {
    data?: { resultType: string; result: { metric: object; value?: unknown; values?: unknown }[] };
  };
  if (data === undefined) return answered;
  const number = (text: unknown) =>
    typeof text === 'string' && text !== '' && Number.isFinite(Number(text))
      ? Number(Number(text).toPrecision(9))
      : text;
  if (data.resultType === 'string') return data;
  if (data.resultType === 'scalar') return { ...data, result: (data.result as unknown[]).map(number) };
  const series = data.result.map(({ metric, value, values }) => ({
    metric: Object.fromEntries(Object.entries(metric).sort(([a], [b]) => (a < b ? -1 : 1))),
    value: (value as unknown[])?.map(number),
    values: (values as unknown[][])?.map((point) => point.map(number)),
  }));
  const order = (one: { metric: object }) => JSON.stringify(one.metric);
  if (!isOrdered) series.sort((a, b) => (order(a) < order(b) ? -1 : 1));
  return { resultType: data.resultType, series };
}

test.runIf(isAsked).each(expressions)('Prometheus answers the same to %s', async (query) => {
  for (const at of [301, 1501, 2401, 3596]) {
    const isOrdered = /^sort|^topk\(|^bottomk\(/.test(query);
    const [a, b] = [await ours(query, { at }), await theirs('query', { query, time: String(originMs / 1000 + at) })];
    expect(comparable(a, isOrdered), `at ${at}`).toEqual(comparable(b, isOrdered));
  }
  const span = { start: 1, end: 4201, step: 60 };
  const parameters = {
    query,
    start: String(originMs / 1000 + span.start),
    end: String(originMs / 1000 + span.end),
    step: String(span.step),
  };
  expect(comparable(await ours(query, span), false), 'as a range').toEqual(
    comparable(await theirs('query_range', parameters), false),
  );
});
