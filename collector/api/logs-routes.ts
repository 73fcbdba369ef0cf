import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyPluginAsync } from 'fastify';
import { Type } from 'typebox';
import type { Queries } from '../query/ask.ts';
import { readLogFacets } from '../query/log-facets.ts';
import { logFilter } from '../query/log-filter.ts';
import { followLogs } from '../query/log-follow.ts';
import { readLogHistogram } from '../query/log-histogram.ts';
import { readLogPage } from '../query/log-page.ts';
import { streamLogs } from '../query/log-stream.ts';
import { parseRange } from '../query/time-value.ts';
import { hangUpSignal, sendNdjson, wantsNdjson } from './ndjson.ts';

const narrowing = {
  since: Type.Optional(Type.String({ maxLength: 64 })),
  until: Type.Optional(Type.String({ maxLength: 64 })),
  node: Type.Optional(Type.String({ maxLength: 255 })),
  q: Type.Optional(Type.String({ maxLength: 4096 })),
  grep: Type.Optional(Type.String({ maxLength: 4096 })),
  severity: Type.Optional(Type.String({ maxLength: 128 })),
};

const LogsQuery = Type.Object({
  ...narrowing,
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000_000 })),
  cursor: Type.Optional(Type.String({ maxLength: 128 })),
  /** Goes on with what arrives from now on; only as lines. */
  follow: Type.Optional(Type.Boolean()),
  order: Type.Optional(Type.Union([Type.Literal('asc'), Type.Literal('desc')])),
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
  return async function logRoutes(plain) {
    const app = plain.withTypeProvider<TypeBoxTypeProvider>();
    app.addHook('preHandler', app.requireUser);

    app.get('/api/v1/logs', { schema: { querystring: LogsQuery } }, async (request, reply) => {
      const { query } = request;
      const asked = {
        range: parseRange(query.since, query.until, nowMs()),
        filter: logFilter(query),
        cursor: query.cursor,
        signal: hangUpSignal(reply),
      };
      if (wantsNdjson(request)) {
        const wanted = { ...asked, order: query.order ?? 'asc', limit: query.limit ?? streamLimit };
        if (!query.follow) return sendNdjson(reply, streamLogs(store, wanted));
        return sendNdjson(reply, followLogs(store, { ...wanted, lookEveryMs, nowMs }), { atOnce: true });
      }
      const limit = Math.min(query.limit ?? pageLimit.default, pageLimit.max);
      return readLogPage(store, { ...asked, order: query.order ?? 'desc', limit });
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
