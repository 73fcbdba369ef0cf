import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyPluginAsync } from 'fastify';
import { Type } from 'typebox';
import { parseTime } from '../query/time-value.ts';
import type { AuditTrail } from '../state/audit.ts';

const AuditQuery = Type.Object({
  since: Type.Optional(Type.String({ maxLength: 64 })),
  limit: Type.Integer({ minimum: 1, maximum: 10_000, default: 100 }),
});

/** `GET /api/v1/audit`, for administrators: who did what, newest first. */
export const auditRoutes =
  ({ trail, nowMs = Date.now }: { trail: Pick<AuditTrail, 'list'>; nowMs?: () => number }): FastifyPluginAsync =>
  async (plain) => {
    const app = plain.withTypeProvider<TypeBoxTypeProvider>();
    app.get(
      '/api/v1/audit',
      { preHandler: app.requireAdministrator, schema: { querystring: AuditQuery } },
      async (request) => {
        const { since, limit } = request.query;
        const sinceUnixMs = since === undefined ? undefined : Number(parseTime(since, nowMs(), 'since') / 1_000_000n);
        return trail.list({ limit, sinceUnixMs });
      },
    );
  };
