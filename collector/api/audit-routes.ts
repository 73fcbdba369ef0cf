import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyPluginAsync } from 'fastify';
import { Type } from 'typebox';
import type { AuditTrail } from '../state/audit.ts';

const AuditQuery = Type.Object({ limit: Type.Integer({ minimum: 1, maximum: 10_000, default: 100 }) });

/** `GET /api/v1/audit`, for administrators: who did what, newest first. */
export const auditRoutes =
  ({ trail }: { trail: Pick<AuditTrail, 'list'> }): FastifyPluginAsync =>
  async (plain) => {
    const app = plain.withTypeProvider<TypeBoxTypeProvider>();
    app.get(
      '/api/v1/audit',
      { preHandler: app.requireAdministrator, schema: { querystring: AuditQuery } },
      async (request) => trail.list({ limit: request.query.limit }),
    );
  };
