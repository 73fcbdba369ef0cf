import type { TLSSocket } from 'node:tls';
import fastifyPlugin from 'fastify-plugin';
import { SextantError } from '../../errors/sextant-error.ts';
import type { createNodeIdentifier } from './identify-node.ts';
import type { createSenderIdentifier } from './identify-sender.ts';
import type { createUserIdentifier } from './identify-user.ts';
import { areaOf } from './identity.ts';
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

    app.addHook('onRequest', async (request) => {
      request.identity = { kind: 'none' };
      const area = areaOf(pathOf(request), request.routeOptions.url);
      const sender = area === 'ingest' ? identifySender(request.headers.authorization) : undefined;
      if (sender) request.identity = sender;
      else if (area === 'node' || area === 'ingest') {
        request.identity = identifyNode(request.raw.socket as TLSSocket);
        onNode(request.identity.node);
      } else if (area === 'user') {
        const user = identifyUser(request);
        if (user) request.identity = user;
        else if (!request.routeOptions.config.public) throw unauthenticated();
      }
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
