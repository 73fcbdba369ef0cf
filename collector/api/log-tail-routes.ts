import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyPluginAsync } from 'fastify';
import { Type } from 'typebox';
import { SextantError } from '../../errors/sextant-error.ts';
import type { Queries } from '../query/ask.ts';
import { decodeArrivalMark } from '../query/log-arrivals.ts';
import { logFilter } from '../query/log-filter.ts';
import { type LogTailRequest, tailLogs } from '../query/log-tail.ts';
import { logNarrowing } from './narrowing.ts';
import { hangUpSignal } from './ndjson.ts';
import { formatEvent, heartbeat, sendEvents } from './server-sent-events.ts';
import { createWatchers } from './watching.ts';

const TailQuery = Type.Object({
  ...logNarrowing,
  lastEventId: Type.Optional(
    Type.String({ maxLength: 128, description: 'As the header Last-Event-ID, for readers that cannot set one.' }),
  ),
});

interface TailOptions {
  store: Queries;
  nowMs?: () => number;
  lookEveryMs?: number;
  heartbeatMs?: number;
  maxBehindMs?: number;
  stalledMs?: number;
}

/** `GET /api/v1/logs/tail`: log records as server-sent events while they arrive. */
export function logTailRoutes(options: TailOptions): FastifyPluginAsync {
  const { store, nowMs = Date.now, lookEveryMs = 500, heartbeatMs = 15_000, maxBehindMs = 10_000 } = options;
  const watchers = createWatchers(32);

  async function* asText(request: LogTailRequest): AsyncGenerator<string> {
    try {
      for await (const event of tailLogs(store, request)) {
        if (event.kind === 'heartbeat') yield heartbeat;
        else if (event.kind === 'dropped') yield formatEvent({ event: 'dropped', data: { records: event.records } });
        else yield formatEvent({ id: event.id, data: event.record });
      }
    } catch (error) {
      if (request.signal.aborted) return;
      if (!(error instanceof SextantError)) throw error;
      yield formatEvent({ event: 'failed', data: { code: error.code, message: error.message } });
    }
  }

  return async function logTailRoutes(plain) {
    const app = plain.withTypeProvider<TypeBoxTypeProvider>();
    app.addHook('preHandler', app.requireUser);

    // A HEAD would be answered by reading an answer that has no end.
    app.get(
      '/api/v1/logs/tail',
      { schema: { querystring: TailQuery }, exposeHeadRoute: false },
      async (request, reply) => {
        const { query, headers } = request;
        const lastEventId = String(headers['last-event-id'] ?? query.lastEventId ?? '');
        const asked = {
          filter: logFilter(query),
          behind: lastEventId === '' ? undefined : decodeArrivalMark(lastEventId),
        };
        watchers.admit(reply);
        const timing = { lookEveryMs, heartbeatMs, maxBehindMs, nowMs, signal: hangUpSignal(reply) };
        return sendEvents(reply, asText({ ...asked, ...timing }), {
          retryMs: 2000,
          stalledMs: options.stalledMs ?? 60_000,
        });
      },
    );
  };
}
