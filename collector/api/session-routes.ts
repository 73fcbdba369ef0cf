import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyPluginAsync } from 'fastify';
import { Type } from 'typebox';
import { SextantError } from '../../errors/sextant-error.ts';
import { type Sessions, sessionLifetimeMs } from '../identity/sessions.ts';
import type { Role, Tokens } from '../identity/tokens.ts';
import type { Audit } from '../state/audit.ts';
import type { State } from '../state/state.ts';
import { sessionCookie } from './identify-user.ts';
import type { SessionInfo } from './shapes/access.ts';

const SignInBody = Type.Object({ token: Type.String({ minLength: 1, maxLength: 128 }) });

const cookieAttributes = { path: '/', httpOnly: true, secure: true, sameSite: 'strict' } as const;

/** Signing in with a one-time link, seeing who one is, signing out: `/api/v1/session`. */
export const sessionRoutes =
  (parts: {
    state: State;
    tokens: Tokens;
    sessions: Sessions;
    audit: Audit;
    site: string;
    version: string;
    /** Of a case. */
    evidence?: SessionInfo['evidence'];
  }): FastifyPluginAsync =>
  async (plain) => {
    const { state, tokens, sessions, audit, site, version, evidence } = parts;
    const app = plain.withTypeProvider<TypeBoxTypeProvider>();
    const info = (user: string, role: Role): SessionInfo => ({
      user,
      role,
      site,
      version,
      ...(evidence && { evidence }),
    });

    app.post(
      '/api/v1/session',
      {
        config: { public: true, rateLimit: { max: 30, timeWindow: '1 minute' } },
        bodyLimit: 4096,
        schema: { body: SignInBody },
      },
      async (request, reply) => {
        const { verdict, cookie } = state.transaction(() => {
          const verdict = tokens.spend('signin', request.body.token, request.ip);
          if (!verdict.ok) {
            audit('session.refused', request.ip, { why: verdict.why });
            return { verdict, cookie: '' };
          }
          const { name, role } = verdict.grant;
          audit('session.opened', name, { from: request.ip });
          return { verdict, cookie: sessions.open({ user: name, role }) };
        });
        if (!verdict.ok) {
          throw new SextantError('SX_UNAUTHENTICATED', `the sign-in link is ${verdict.why}`, {
            nextStep: 'make a new one with `sextant token create --signin`',
          });
        }
        reply.setCookie(sessionCookie, cookie, { ...cookieAttributes, maxAge: sessionLifetimeMs / 1000 });
        return info(verdict.grant.name, verdict.grant.role);
      },
    );

    app.get('/api/v1/session', { preHandler: app.requireUser }, async (request) => {
      if (request.identity.kind !== 'user') throw new Error('BUG: a session without a user');
      return info(request.identity.user, request.identity.role);
    });

    app.delete('/api/v1/session', { preHandler: app.requireUser }, async (request, reply) => {
      const cookie = request.cookies[sessionCookie];
      if (cookie !== undefined && request.identity.kind === 'user') {
        sessions.close(cookie);
        audit('session.closed', request.identity.user, { from: request.ip });
      }
      reply.clearCookie(sessionCookie, cookieAttributes);
      return reply.code(204).send();
    });
  };
