import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyPluginAsync } from 'fastify';
import { Type } from 'typebox';
import { SextantError } from '../../errors/sextant-error.ts';
import type { Queries } from '../query/ask.ts';
import { readMetricNames } from '../query/metric-names.ts';
import { readMetricPoints, streamMetricPoints } from '../query/metric-points.ts';
import { readMetricSeries } from '../query/metric-series.ts';
import { parseDurationMs, parseRange } from '../query/time-value.ts';
import { timeRange } from './narrowing.ts';
import { hangUpSignal, sendNdjson, wantsNdjson } from './ndjson.ts';
import { aggregations } from './shapes/metrics.ts';

const metric = {
  ...timeRange,
  name: Type.String({ minLength: 1, maxLength: 255 }),
  node: Type.Optional(Type.String({ maxLength: 255 })),
};

const PointsQuery = Type.Object({
  ...metric,
  cursor: Type.Optional(Type.String({ maxLength: 512, description: 'Of the header Link of the page before.' })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000_000 })),
});
const SeriesQuery = Type.Object({
  ...metric,
  step: Type.Optional(Type.String({ maxLength: 16 })),
  agg: Type.Optional(Type.Union(aggregations.map((name) => Type.Literal(name)))),
  by: Type.Optional(Type.String({ maxLength: 1024 })),
  where: Type.Optional(Type.Union([Type.String({ maxLength: 1024 }), Type.Array(Type.String(), { maxItems: 16 })])),
});

const pageLimit = { default: 1000, max: 10_000 };

/** Routes that read metrics: their names, samples as recorded, and series over time. */
export function metricRoutes({
  store,
  nowMs = Date.now,
}: {
  store: Queries;
  nowMs?: () => number;
}): FastifyPluginAsync {
  return async function metricRoutes(plain) {
    const app = plain.withTypeProvider<TypeBoxTypeProvider>();
    app.addHook('preHandler', app.requireUser);

    app.get('/api/v1/metrics', { schema: { querystring: Type.Object(timeRange) } }, async (request, reply) =>
      readMetricNames(store, {
        range: parseRange(request.query.since ?? '1d', request.query.until, nowMs()),
        signal: hangUpSignal(reply),
      }),
    );

    app.get('/api/v1/metrics/points', { schema: { querystring: PointsQuery } }, async (request, reply) => {
      const { query } = request;
      const asked = {
        name: query.name,
        range: parseRange(query.since, query.until, nowMs()),
        node: query.node,
        cursor: query.cursor,
        signal: hangUpSignal(reply),
      };
      if (wantsNdjson(request)) {
        return sendNdjson(reply, streamMetricPoints(store, { ...asked, limit: query.limit ?? pageLimit.default }));
      }
      const limit = Math.min(query.limit ?? pageLimit.default, pageLimit.max);
      const { points, next } = await readMetricPoints(store, { ...asked, limit });
      if (next !== null) reply.header('link', `<${nextAddress(request.url, next)}>; rel="next"`);
      return points;
    });

    app.get('/api/v1/metrics/series', { schema: { querystring: SeriesQuery } }, async (request, reply) => {
      const { query } = request;
      return readMetricSeries(store, {
        name: query.name,
        range: parseRange(query.since, query.until, nowMs()),
        stepMs: readStep(query.step),
        aggregation: query.agg ?? 'avg',
        by: (query.by ?? '').split(',').filter((name) => name !== ''),
        node: query.node,
        where: [query.where ?? []].flat().map(readCondition),
        signal: hangUpSignal(reply),
      });
    });
  };
}

/** The same question with the cursor of the next page (RFC 8288). */
function nextAddress(url: string, cursor: string): string {
  const [path = '', query = ''] = url.split('?', 2);
  const parameters = new URLSearchParams(query);
  parameters.set('cursor', cursor);
  return `${path}?${parameters}`;
}

function readStep(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const stepMs = parseDurationMs(text);
  if (stepMs === undefined || stepMs < 1000) {
    throw new SextantError('SX_BAD_REQUEST', `step: “${text}” is not a duration of a second or more, such as 30s`);
  }
  return stepMs;
}

/** `attribute:value`, cut at the first colon. */
function readCondition(text: string): { name: string; value: string } {
  const colon = text.indexOf(':');
  if (colon < 1) throw new SextantError('SX_BAD_REQUEST', `where: “${text}” is not attribute:value`);
  return { name: text.slice(0, colon), value: text.slice(colon + 1) };
}
