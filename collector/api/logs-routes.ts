import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyPluginAsync } from 'fastify';
import { Type } from 'typebox';
import type { Queries } from '../query/ask.ts';
import { readLogContext } from '../query/log-context.ts';
import { readLogFacets } from '../query/log-facets.ts';
import { logFilter } from '../query/log-filter.ts';
import { followLogs } from '../query/log-follow.ts';
import { readLogHistogram } from '../query/log-histogram.ts';
import { readLogPage } from '../query/log-page.ts';
import { streamLogs } from '../query/log-stream.ts';
import { parseRange } from '../query/time-value.ts';
import { logNarrowing, timeRange } from './narrowing.ts';
import { hangUpSignal, sendNdjson, wantsNdjson } from './ndjson.ts';
import { createWatchers } from './watching.ts';

const narrowing = { ...timeRange, ...logNarrowing };

const LogsQuery = Type.Object({
  ...narrowing,
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000_000 })),
  cursor: Type.Optional(Type.String({ maxLength: 128 })),
  /** Goes on with what arrives from now on; only as lines. */
  follow: Type.Optional(Type.Boolean()),
  order: Type.Optional(Type.Union([Type.Literal('asc'), Type.Literal('desc')])),
  /** Each record with its cursor, also in lines; pages have them anyway. */
  cursors: Type.Optional(Type.Boolean()),
});
const around = Type.Optional(Type.Integer({ minimum: 0, maximum: 1000 }));
const ContextQuery = Type.Object({
  cursor: Type.String({ maxLength: 128 }),
  before: around,
  after: around,
});
const HistogramQuery = Type.Object({
  ...narrowing,
  buckets: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })),
});
const FieldsQuery = Type.Object({
  ...narrowing,
  fields: Type.String({ minLength: 1, maxLength: 1024 }),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })),
});

const pageLimit = { default: 200, max: 1000 };
const streamLimit = 1000;
const lookEveryMs = 500;

/** Routes that read logs: pages or a stream, the histogram, and the frequent values of fields. */
export function logRoutes({ store, nowMs = Date.now }: { store: Queries; nowMs?: () => number }): FastifyPluginAsync {
  const watchers = createWatchers(32);
  return async function logRoutes(plain) {
    const app = plain.withTypeProvider<TypeBoxTypeProvider>();
    app.addHook('preHandler', app.requireUser);

    // A HEAD would be answered by reading the whole answer, which has no end with `follow`.
    app.get('/api/v1/logs', { schema: { querystring: LogsQuery }, exposeHeadRoute: false }, async (request, reply) => {
      const { query } = request;
      const asked = {
        range: parseRange(query.since, query.until, nowMs()),
        filter: logFilter(query),
        cursor: query.cursor,
        signal: hangUpSignal(reply),
      };
      if (wantsNdjson(request)) {
        const wanted = { ...asked, order: query.order ?? 'asc', limit: query.limit ?? streamLimit };
        if (!query.follow) return sendNdjson(reply, streamLogs(store, wanted, { cursors: query.cursors }));
        watchers.admit(reply);
        return sendNdjson(reply, followLogs(store, { ...wanted, lookEveryMs, nowMs }), { atOnce: true });
      }
      const limit = Math.min(query.limit ?? pageLimit.default, pageLimit.max);
      return readLogPage(store, { ...asked, order: query.order ?? 'desc', limit });
    });

    app.get('/api/v1/logs/context', { schema: { querystring: ContextQuery } }, async (request, reply) => {
      const { cursor, before = 20, after = 20 } = request.query;
      return readLogContext(store, { cursor, before, after, signal: hangUpSignal(reply) });
    });

    app.get('/api/v1/logs/histogram', { schema: { querystring: HistogramQuery } }, async (request, reply) => {
      const { query } = request;
      return readLogHistogram(store, {
        range: parseRange(query.since, query.until, nowMs()),
        filter: logFilter(query),
        buckets: query.buckets ?? 60,
        signal: hangUpSignal(reply),
      });
    });

    app.get('/api/v1/logs/fields', { schema: { querystring: FieldsQuery } }, async (request, reply) => {
      const { query } = request;
      return readLogFacets(store, {
        range: parseRange(query.since, query.until, nowMs()),
        filter: logFilter(query),
        fields: query.fields.split(',').filter((field) => field !== ''),
        limit: query.limit ?? 10,
        signal: hangUpSignal(reply),
      });
    });
  };
}
