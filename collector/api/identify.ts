import type { TLSSocket } from 'node:tls';
import type { FastifyRequest } from 'fastify';
import fastifyPlugin from 'fastify-plugin';
import { SextantError } from '../../errors/sextant-error.ts';
import type { createNodeIdentifier } from './identify-node.ts';
import type { createSenderIdentifier } from './identify-sender.ts';
import type { createUserIdentifier } from './identify-user.ts';
import { areaOf, type Identity } from './identity.ts';
import { pathOf } from './request-path.ts';

export interface IdentifyOptions {
  identifyNode: ReturnType<typeof createNodeIdentifier>;
  identifySender: ReturnType<typeof createSenderIdentifier>;
  identifyUser: ReturnType<typeof createUserIdentifier>;
  /** A node has proved itself on a request. */
  onNode: (node: string) => void;
}

/**
 * Sets `request.identity` before anything else runs and refuses what is not proven, so that a route that forgets to
 * ask is closed, not open.
 */
export const identify = fastifyPlugin<IdentifyOptions>(
  async (app, { identifyNode, identifySender, identifyUser, onNode }) => {
    app.decorateRequest('identity');

    const prove = (request: FastifyRequest): Identity => {
      const area = areaOf(pathOf(request), request.routeOptions.url);
      const sender = area === 'ingest' ? identifySender(request.headers.authorization) : undefined;
      if (sender) return sender;
      if (area === 'node' || area === 'ingest') return identifyNode(request.raw.socket as TLSSocket);
      const user = area === 'user' ? identifyUser(request) : undefined;
      if (area === 'user' && !user && !request.routeOptions.config.public) throw unauthenticated();
      return user ?? { kind: 'none' };
    };

    app.addHook('onRequest', async (request) => {
      request.identity = { kind: 'none' };
      request.identity = prove(request);
      if (request.identity.kind === 'node') onNode(request.identity.node);
    });
    // A body takes as long as its sender likes: who was revoked or signed out in the meantime has proved nothing.
    app.addHook('preHandler', async (request) => {
      if (request.identity.kind !== 'none' && request.body !== undefined) request.identity = prove(request);
    });

    app.decorate('requireNode', async (request) => {
      if (request.identity.kind !== 'node') {
        throw new SextantError('SX_CLIENT_CERTIFICATE', 'this is for enrolled nodes only');
      }
    });
    app.decorate('requireUser', async (request) => {
      if (request.identity.kind !== 'user') throw unauthenticated();
    });
    app.decorate('requireAdministrator', async (request) => {
      if (request.identity.kind !== 'user') throw unauthenticated();
      if (request.identity.role !== 'administrator') {
        throw new SextantError('SX_FORBIDDEN', `${request.identity.user} is not an administrator`);
      }
    });
  },
  { name: 'identify', dependencies: ['@fastify/cookie'] },
);

const unauthenticated = () => new SextantError('SX_UNAUTHENTICATED', 'nobody is signed in with this request');
