import type { preHandlerAsyncHookHandler } from 'fastify';
import type { Role } from '../identity/tokens.ts';

/** Who is behind a request, proven before any handler runs. */
export type Identity =
  | { kind: 'node'; node: string; serial: string }
  | { kind: 'user'; user: string; role: Role; via: 'cookie' | 'bearer' }
  | { kind: 'none' };

/**
 * Which proof a path demands. `/api/*` wants a user, `/v1/*` and `/agent/*` a node; the rest (the dashboard's own
 * files) is for everybody. A node's certificate opens no user route and a user's token no node route.
 */
export type Area = 'user' | 'node' | 'open';

/** Both the path as it was sent and the route it led to count: whichever demands more. */
export function areaOf(rawPath: string, routePath: string | undefined): Area {
  for (const path of [rawPath, routePath ?? '']) {
    if (path.startsWith('/v1/') || path.startsWith('/agent/')) return 'node';
    if (path.startsWith('/api/')) return 'user';
  }
  return 'open';
}

declare module 'fastify' {
  interface FastifyRequest {
    identity: Identity;
  }
  interface FastifyInstance {
    requireNode: preHandlerAsyncHookHandler;
    requireUser: preHandlerAsyncHookHandler;
    requireAdministrator: preHandlerAsyncHookHandler;
  }
  interface FastifyContextConfig {
    /** No proof is asked for; who sends one is known all the same. */
    public?: boolean;
  }
}
