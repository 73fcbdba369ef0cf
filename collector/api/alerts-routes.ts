import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyPluginAsync } from 'fastify';
import { Type } from 'typebox';
import type { Alerts } from '../alerts/alerts.ts';
import { parseTime } from '../query/time-value.ts';

const AlertsQuery = Type.Object({
  state: Type.Optional(Type.Union([Type.Literal('pending'), Type.Literal('firing'), Type.Literal('resolved')])),
  since: Type.Optional(Type.String({ maxLength: 64 })),
});

/** Lists open alerts; with `since` also those resolved since then. */
export function alertRoutes({
  alerts,
  nowMs = Date.now,
}: {
  alerts: Pick<Alerts, 'list'>;
  nowMs?: () => number;
}): FastifyPluginAsync {
  return async function alertRoutes(plain) {
    const app = plain.withTypeProvider<TypeBoxTypeProvider>();
    app.addHook('preHandler', app.requireUser);

    app.get('/api/v1/alerts', { schema: { querystring: AlertsQuery } }, async (request) => {
      const { state, since } = request.query;
      const resolvedSinceMs = since === undefined ? undefined : Number(parseTime(since, nowMs(), 'since') / 1_000_000n);
      return alerts.list({ state, resolvedSinceMs });
    });
  };
}
