import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyPluginAsync } from 'fastify';
import { Type } from 'typebox';
import { hexIdWords, textPattern } from '../../config/text-pattern.ts';
import { SextantError } from '../../errors/sextant-error.ts';
import { formatEnrollmentToken } from '../../protocol/enrollment-token.ts';
import { senderNamePattern } from '../identity/sender-name.ts';
import { longestLifetimeMs, type Tokens } from '../identity/tokens.ts';
import type { Audit } from '../state/audit.ts';
import type { TokenRow } from './shapes/access.ts';

const TokenBody = Type.Object({
  kind: Type.Union([Type.Literal('enroll'), Type.Literal('signin'), Type.Literal('api'), Type.Literal('ingest')]),
  ttlMs: Type.Optional(Type.Integer({ minimum: 1000, maximum: longestLifetimeMs })),
  name: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 128,
      pattern: textPattern('^[^\\x00-\\x1f\\x7f]+$', 'must have no control characters'),
    }),
  ),
  role: Type.Optional(Type.Union([Type.Literal('viewer'), Type.Literal('administrator')])),
});
const TokenPath = Type.Object({ id: Type.String({ pattern: textPattern('^[0-9a-f]{16}$', hexIdWords) }) });

/**
 * `POST /api/v1/tokens`, for administrators. An `enroll` token comes with the authority's fingerprint in front, as
 * a person carries it to a node; the others are the bare secret. It is shown this once.
 * `GET /api/v1/tokens` lists those that can still be used, `DELETE /api/v1/tokens/:id` ends one at once.
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
        const { kind, ttlMs } = request.body;
        const name = request.body.name ?? defaultName(kind);
        // A sender may send and nothing else, whatever was asked for.
        const role = kind === 'ingest' ? 'viewer' : (request.body.role ?? 'administrator');
        if (kind === 'ingest') demandSenderName(request.body.name);
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

    app.get(
      '/api/v1/tokens',
      { preHandler: app.requireAdministrator },
      async (): Promise<TokenRow[]> =>
        parts.tokens.list().map(({ createdUnixMs, expiresUnixMs, ...entry }) => ({
          ...entry,
          createdAt: new Date(createdUnixMs).toISOString(),
          expiresAt: new Date(expiresUnixMs).toISOString(),
        })),
    );

    app.delete(
      '/api/v1/tokens/:id',
      { preHandler: app.requireAdministrator, schema: { params: TokenPath } },
      async (request, reply) => {
        if (request.identity.kind !== 'user') throw new Error('BUG: a token revoked by nobody');
        const entry = parts.tokens.revoke(request.params.id);
        if (!entry)
          throw new SextantError('SX_NOT_FOUND', `there is no token ${request.params.id} that can be used`, {
            nextStep: '`sextant token list` shows those that can be',
          });
        parts.audit('token.revoked', request.identity.user, { kind: entry.kind, name: entry.name, id: entry.id });
        return reply.code(204).send();
      },
    );
  };

const defaultName = (kind: string) => (kind === 'enroll' ? 'node' : 'administrator');

function demandSenderName(name: string | undefined): void {
  if (name !== undefined && senderNamePattern.test(name)) return;
  const what = name === undefined ? 'a sender needs a name' : `“${name}” is no name for a sender`;
  throw new SextantError('SX_BAD_REQUEST', what, {
    nextStep: 'name it with up to 63 letters, digits, dots, dashes and underscores',
  });
}
