import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import { type Static, Type } from 'typebox';
import { version } from '../../config/version.ts';
import { gridOf } from '../prometheus/evaluate/grid.ts';
import { badData, PrometheusFailure } from '../prometheus/failure.ts';
import { readStepMs, readTimeMs } from '../prometheus/parameters.ts';
import type { Asking } from '../prometheus/prometheus.ts';
import type { Queries } from '../query/ask.ts';
import { hangUpSignal } from './ndjson.ts';
import { sendAnswer, sendList } from './prometheus-answer.ts';
import { answerPrometheusError } from './prometheus-error.ts';
import { hasLeft } from './send-pieces.ts';

const prefix = '/prometheus/api/v1';
const form = 'application/x-www-form-urlencoded';
/** The release whose language is spoken; Grafana chooses its features by it. */
const spokenVersion = '3.5.0';

const Moment = Type.Optional(Type.String({ maxLength: 64, description: 'Unix seconds or RFC 3339.' }));
const limit = Type.Optional(Type.Integer({ minimum: 0, description: 'The most series or names; 0 is all.' }));
const bounds = {
  timeout: Type.Optional(Type.String({ maxLength: 32 })),
  lookback_delta: Type.Optional(Type.String({ maxLength: 32 })),
  limit,
};
const query = Type.String({ description: 'PromQL, as far as docs/prometheus.md says.' });
const QueryParameters = Type.Object({ query, time: Moment, ...bounds });
const RangeParameters = Type.Object({
  query,
  start: Type.String({ maxLength: 64 }),
  end: Type.String({ maxLength: 64 }),
  step: Type.String({ maxLength: 32, description: 'Seconds, or a duration.' }),
  ...bounds,
});
const selection = {
  'match[]': Type.Optional(Type.Array(Type.String(), { maxItems: 64, description: 'Series selectors.' })),
  start: Moment,
  end: Moment,
  limit,
};
const SelectionParameters = Type.Object(selection);
const MetadataParameters = Type.Object({
  metric: Type.Optional(Type.String({ maxLength: 255 })),
  limit,
  limit_per_metric: limit,
});

const defaultSpanMs = 86_400_000;

/** Grammar and evaluator: loaded when somebody asks, since they are a tenth of a collector's start. */
export const loadLanguage = async () => {
  const [parse, { createPrometheus }, { createRegexCompiler }, { writeResult }] = await Promise.all([
    import('../prometheus/parse/parse.ts'),
    import('../prometheus/prometheus.ts'),
    import('../prometheus/regex.ts'),
    import('../prometheus/write-result.ts'),
  ]);
  return { ...parse, createPrometheus, createRegexCompiler, writeResult };
};
type Language = Awaited<ReturnType<typeof loadLanguage>>;

/** The part of Prometheus' HTTP API that Grafana's data source needs, over stored metrics. */
export function prometheusRoutes({
  store,
  nowMs = Date.now,
  load = loadLanguage,
  stalledMs = 60_000,
  unsentBytes,
}: {
  store: Queries;
  nowMs?: () => number;
  load?: typeof loadLanguage;
  /** After how long a reader that takes nothing is cut off. */
  stalledMs?: number;
  /** Of answers that their readers have not taken. */
  unsentBytes?: number;
}): FastifyPluginAsync {
  return async function prometheusRoutes(plain) {
    const app = plain.withTypeProvider<TypeBoxTypeProvider>();
    const start = async () => {
      const language = await load();
      return { language, prometheus: language.createPrometheus(store, { nowMs, ...(unsentBytes && { unsentBytes }) }) };
    };
    let started: ReturnType<typeof start> | undefined;
    const evaluator = () => {
      started ??= start();
      const starting = started;
      // What could not be read once, as without file descriptors, may be later.
      starting.catch(() => {
        if (started === starting) started = undefined;
      });
      return starting;
    };
    app.setErrorHandler(answerPrometheusError);
    app.addHook('preHandler', app.requireUser);
    app.removeAllContentTypeParsers();
    app.addContentTypeParser(form, { parseAs: 'string' }, (_request, text, done) => done(null, readForm(String(text))));

    /** The same by GET with a query and by POST with a form, as Prometheus has it. */
    function route<Schema extends ReturnType<typeof Type.Object>>(
      path: string,
      schema: Schema,
      handle: (parameters: Static<Schema>, request: FastifyRequest, reply: FastifyReply) => unknown,
    ): void {
      app.get(`${prefix}${path}`, { schema: { querystring: schema } }, (request, reply) =>
        handle(request.query as Static<Schema>, request, reply),
      );
      app.post(`${prefix}${path}`, { schema: { body: schema, consumes: [form] } }, (request, reply) =>
        handle(request.body as Static<Schema>, request, reply),
      );
    }

    route('/query', QueryParameters, async (parameters, _request, reply) => {
      const { language, prometheus } = await evaluator();
      const atMs = parameters.time === undefined ? nowMs() : readTimeMs(parameters.time, 'time');
      const asked = readQuery(language, parameters.query);
      const answer = await prometheus.query(asked, atMs, askingOf(parameters, reply));
      return sendAnswer(language.writeResult, reply, answer, { most: parameters.limit, stalledMs });
    });

    route('/query_range', RangeParameters, async (parameters, _request, reply) => {
      const { language, prometheus } = await evaluator();
      const grid = gridOf(
        readTimeMs(parameters.start, 'start'),
        readTimeMs(parameters.end, 'end'),
        readStepMs(parameters.step, 'step'),
      );
      const asked = readQuery(language, parameters.query);
      const answer = await prometheus.queryRange(asked, grid, askingOf(parameters, reply));
      return sendAnswer(language.writeResult, reply, answer, { most: parameters.limit, stalledMs });
    });

    route('/series', SelectionParameters, async (parameters, _request, reply) => {
      const { language, prometheus } = await evaluator();
      const selectors = selectorsOf(language, parameters);
      if (selectors.length === 0) throw badData('no match[] parameter provided');
      const found = await prometheus.series(selectors, spanOf(parameters), askingOf({}, reply));
      return sendList(reply, found, Object.fromEntries, { most: parameters.limit, stalledMs });
    });

    route('/labels', SelectionParameters, async (parameters, _request, reply) => {
      const { language, prometheus } = await evaluator();
      const selectors = selectorsOf(language, parameters);
      const names = await prometheus.labels(selectors, spanOf(parameters), askingOf({}, reply));
      return sendList(reply, names, String, { most: parameters.limit, stalledMs });
    });

    app.get(
      `${prefix}/label/:name/values`,
      { schema: { params: Type.Object({ name: Type.String() }), querystring: SelectionParameters } },
      async ({ params, query: parameters }, reply) => {
        const { language, prometheus } = await evaluator();
        const values = await prometheus.labelValues(
          readLabelName(params.name),
          selectorsOf(language, parameters),
          spanOf(parameters),
          askingOf({}, reply),
        );
        return sendList(reply, values, String, { most: parameters.limit, stalledMs });
      },
    );

    app.get(
      `${prefix}/metadata`,
      { schema: { querystring: MetadataParameters } },
      async ({ query: parameters }, reply) => {
        const { prometheus } = await evaluator();
        const known = await prometheus.metadata(spanOf({}), askingOf({}, reply));
        const entries = [...known].filter(([name]) => parameters.metric === undefined || name === parameters.metric);
        const each = parameters.limit_per_metric || Number.POSITIVE_INFINITY;
        return {
          status: 'success',
          data: Object.fromEntries(
            entries.slice(0, parameters.limit || entries.length).map(([name, all]) => [name, all.slice(0, each)]),
          ),
        };
      },
    );

    app.get(`${prefix}/status/buildinfo`, async () => ({
      status: 'success',
      data: {
        application: 'Sextant',
        version: spokenVersion,
        revision: `sextant ${version}`,
        branch: '',
        buildUser: '',
        buildDate: '',
        goVersion: '',
      },
    }));

    app.all('/prometheus/*', async (request) => {
      throw new PrometheusFailure(
        'not_found',
        `${request.method} ${request.url.split('?')[0]} is not supported by this server`,
      );
    });

    const spanOf = ({ start, end }: { start?: string; end?: string }) => {
      const toMs = end === undefined ? nowMs() : readTimeMs(end, 'end');
      const fromMs = start === undefined ? toMs - defaultSpanMs : readTimeMs(start, 'start');
      if (fromMs > toMs) throw badData('invalid parameter "end": end timestamp must not be before start time');
      return { fromMs, toMs };
    };
  };
}

/** Parameters that come several times become lists. */
function readForm(text: string): Record<string, string | string[]> {
  const parameters = new URLSearchParams(text);
  const read: Record<string, string | string[]> = Object.create(null);
  for (const name of new Set(parameters.keys())) {
    const values = parameters.getAll(name);
    read[name] = values.length === 1 ? (values[0] ?? '') : values;
  }
  return read;
}

function readQuery({ parseQuery }: Language, text: string) {
  try {
    return parseQuery(text);
  } catch (error) {
    throw error instanceof PrometheusFailure ? badData(`invalid parameter "query": ${error.message}`) : error;
  }
}

/** A name in the path is as it is, or in Prometheus' escaped form of names that are not plain (`U__…`). */
function readLabelName(name: string): string {
  if (!/^U__/.test(name)) return name;
  return name
    .slice(3)
    .replaceAll(/__|_([0-9a-f]{1,6})_/gi, (all, hex) =>
      all === '__' ? '_' : String.fromCodePoint(Math.min(0x10ffff, Number.parseInt(hex, 16))),
    );
}

function selectorsOf({ createRegexCompiler, parseSelector }: Language, parameters: { 'match[]'?: string[] }) {
  const compileRegex = createRegexCompiler();
  return (parameters['match[]'] ?? []).map((text) => {
    try {
      return parseSelector(text, compileRegex);
    } catch (error) {
      throw error instanceof PrometheusFailure ? badData(`invalid parameter "match[]": ${error.message}`) : error;
    }
  });
}

const askingOf = (
  { timeout, lookback_delta }: { timeout?: string; lookback_delta?: string },
  reply: FastifyReply,
): Asking => ({
  timeoutMs: timeout === undefined ? undefined : positive(readStepMs(timeout, 'timeout'), 'timeout'),
  lookbackMs:
    lookback_delta === undefined ? undefined : positive(readStepMs(lookback_delta, 'lookback_delta'), 'lookback_delta'),
  signal: hangUpSignal(reply),
  left: hasLeft(reply),
});

function positive(ms: number, name: string): number {
  if (ms > 0) return ms;
  throw badData(`invalid parameter "${name}": must be greater than 0`);
}
