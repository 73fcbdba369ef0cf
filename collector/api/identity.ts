import type { preHandlerAsyncHookHandler } from 'fastify';
import type { Role } from '../identity/tokens.ts';

/** Who is behind a request, proven before any handler runs. */
export type Identity =
  | { kind: 'node'; node: string; serial: string }
  | { kind: 'sender'; name: string }
  | { kind: 'user'; user: string; role: Role; via: 'cookie' | 'bearer' }
  | { kind: 'none' };

/**
 * Which proof a path demands. `/api/*` and `/prometheus/*` want a user, `/agent/*` a node, `/v1/*` a node or a sender; the rest (the
 * dashboard's own files) is for everybody. A node's certificate opens no user route, a user's token no node route, and
 * a sender's token nothing but `/v1/*`.
 */
export type Area = 'user' | 'node' | 'ingest' | 'open';

/** Both the path as it was sent and the route it led to count: whichever demands more. */
export function areaOf(rawPath: string, routePath: string | undefined): Area {
  const areas = [rawPath, routePath ?? ''].map((path): Area => {
    if (path.startsWith('/agent/')) return 'node';
    if (path.startsWith('/v1/')) return 'ingest';
    return path.startsWith('/api/') || path.startsWith('/prometheus/') ? 'user' : 'open';
  });
  return (['node', 'ingest', 'user'] as const).find((area) => areas.includes(area)) ?? 'open';
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
