import type { FastifyRequest } from 'fastify';
import { SextantError } from '../../errors/sextant-error.ts';
import { hashSecret, sameHash } from '../identity/secret.ts';
import type { Sessions } from '../identity/sessions.ts';
import type { Tokens } from '../identity/tokens.ts';
import type { Identity } from './identity.ts';

type UserIdentity = Extract<Identity, { kind: 'user' }>;

export const sessionCookie = 'sextant_session';
const csrfHeader = 'sextant-csrf';

/**
 * The user behind a request: a bearer token (an `api` token, or the local administrator's from endpoint.json), or a
 * session cookie. Undefined when neither is valid. Throws SX_FORBIDDEN for a change that comes with a cookie but
 * without proof that our own page sent it.
 */
export function createUserIdentifier(parts: {
  tokens: Tokens;
  sessions: Sessions;
  /** SHA-256 of the token in endpoint.json. */
  localTokenHash: string;
}): (request: FastifyRequest) => UserIdentity | undefined {
  return (request) => {
    const bearer = /^Bearer ([A-Za-z0-9_-]{1,512})$/.exec(request.headers.authorization ?? '')?.[1];
    if (bearer !== undefined) {
      if (sameHash(hashSecret(bearer), parts.localTokenHash)) {
        return { kind: 'user', user: 'local', role: 'administrator', via: 'bearer' };
      }
      const verdict = parts.tokens.check('api', bearer);
      if (!verdict.ok) return undefined;
      return { kind: 'user', user: verdict.grant.name, role: verdict.grant.role, via: 'bearer' };
    }

    const cookie = request.cookies[sessionCookie];
    const session = cookie === undefined ? undefined : parts.sessions.find(cookie);
    if (!session) return undefined;
    if (!isSafeMethod(request.method) && !isFromOurPage(request)) {
      throw new SextantError('SX_FORBIDDEN', 'the request does not come from the dashboard’s own page', {
        nextStep: `send the header ${csrfHeader}: 1`,
      });
    }
    return { kind: 'user', ...session, via: 'cookie' };
  };
}

const isSafeMethod = (method: string) => method === 'GET' || method === 'HEAD' || method === 'OPTIONS';

// A page of another origin can set neither header without our leave.
const isFromOurPage = (request: FastifyRequest) =>
  request.headers[csrfHeader] === '1' || request.headers.origin === `https://${request.headers.host}`;
