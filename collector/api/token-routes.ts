import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyPluginAsync } from 'fastify';
import { Type } from 'typebox';
import { formatEnrollmentToken } from '../../protocol/enrollment-token.ts';
import { longestLifetimeMs, type Tokens } from '../identity/tokens.ts';
import type { Audit } from '../state/audit.ts';

const TokenBody = Type.Object({
  kind: Type.Union([Type.Literal('enroll'), Type.Literal('signin'), Type.Literal('api')]),
  ttlMs: Type.Optional(Type.Integer({ minimum: 1000, maximum: longestLifetimeMs })),
  name: Type.Optional(Type.String({ minLength: 1, maxLength: 128, pattern: '^[^\\x00-\\x1f\\x7f]+$' })),
  role: Type.Optional(Type.Union([Type.Literal('viewer'), Type.Literal('administrator')])),
});

/**
 * `POST /api/v1/tokens`, for administrators. An `enroll` token comes with the authority's fingerprint in front, as
 * a person carries it to a node; the others are the bare secret. It is shown this once.
 */
export const tokenRoutes =
  (parts: { tokens: Tokens; audit: Audit; caFingerprint: string }): FastifyPluginAsync =>
  async (plain) => {
    const app = plain.withTypeProvider<TypeBoxTypeProvider>();

    app.post(
      '/api/v1/tokens',
      { preHandler: app.requireAdministrator, schema: { body: TokenBody } },
      async (request, reply) => {
        if (request.identity.kind !== 'user') throw new Error('BUG: a token without a maker');
        const createdBy = request.identity.user;
        const { kind, ttlMs, role = 'administrator', name = defaultName(kind) } = request.body;
        const { secret, expiresUnixMs } = parts.tokens.create({
          kind,
          name,
          role,
          createdBy,
          ...(ttlMs === undefined ? {} : { ttlMs }),
        });
        const expiresAt = new Date(expiresUnixMs).toISOString();
        parts.audit('token.created', createdBy, { kind, name, role, expiresAt });
        const token =
          kind === 'enroll' ? formatEnrollmentToken({ caFingerprint: parts.caFingerprint, secret }) : secret;
        return reply.code(201).send({ token, expiresAt });
      },
    );
  };

const defaultName = (kind: string) => (kind === 'enroll' ? 'node' : 'administrator');
