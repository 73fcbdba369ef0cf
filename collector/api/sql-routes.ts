import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyPluginAsync } from 'fastify';
import { Type } from 'typebox';
import type { Queries } from '../query/ask.ts';
import { createSqlConsole } from '../query/sql-console/sql-console.ts';
import type { Audit } from '../state/audit.ts';
import { hangUpSignal } from './ndjson.ts';

const maxCharacters = 20_000;

const SqlBody = Type.Object(
  {
    sql: Type.String({ minLength: 1, maxLength: maxCharacters, description: 'One SELECT statement, see docs/sql.md.' }),
    maxRows: Type.Optional(Type.Integer({ minimum: 1, maximum: 100_000, default: 1000 })),
    timeoutMs: Type.Optional(Type.Integer({ minimum: 1000, maximum: 60_000, default: 30_000 })),
  },
  { additionalProperties: false },
);

/** `POST /api/v1/sql`, for administrators: the only place where somebody's own SQL runs. Every statement is audited. */
export const sqlRoutes =
  ({ store, audit }: { store: Queries; audit: Audit }): FastifyPluginAsync =>
  async (plain) => {
    const app = plain.withTypeProvider<TypeBoxTypeProvider>();
    const sqlConsole = createSqlConsole(store);

    app.post(
      '/api/v1/sql',
      { preHandler: app.requireAdministrator, bodyLimit: 6 * maxCharacters, schema: { body: SqlBody } },
      async (request, reply) => {
        if (request.identity.kind !== 'user') throw new Error('BUG: a statement without a user');
        const { sql, maxRows = 1000, timeoutMs = 30_000 } = request.body;
        // Before it runs: what brings the collector down is on record too.
        audit('sql.asked', request.identity.user, { sql });
        return sqlConsole.ask({ sql, maxRows, timeoutMs, signal: hangUpSignal(reply) });
      },
    );
  };
