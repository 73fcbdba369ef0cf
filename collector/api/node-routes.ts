import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyPluginAsync } from 'fastify';
import { Type } from 'typebox';
import { SextantError } from '../../errors/sextant-error.ts';
import type { ControlHub } from '../control/hub.ts';
import type { NodeCertificates } from '../identity/node-certificates.ts';
import type { PeerRegistry } from '../nodes/peer-registry.ts';
import type { NodeRegistry } from '../nodes/registry.ts';
import type { Audit } from '../state/audit.ts';

const NodeParams = Type.Object({ node: Type.String({ minLength: 1, maxLength: 63 }) });

/** `/api/v1/nodes…` and `GET /api/v1/health`. */
export const nodeRoutes =
  (parts: {
    registry: NodeRegistry;
    peers: Pick<PeerRegistry, 'list'>;
    certificates: NodeCertificates;
    hub: Pick<ControlHub, 'disconnect'>;
    audit: Audit;
    isReady: () => boolean;
  }): FastifyPluginAsync =>
  async (plain) => {
    const { registry, certificates, hub, audit } = parts;
    const app = plain.withTypeProvider<TypeBoxTypeProvider>();

    app.get('/api/v1/health', { config: { public: true } }, async () => {
      if (!parts.isReady()) throw new SextantError('SX_UNAVAILABLE', 'the collector is starting or stopping');
      return { ready: true };
    });

    app.get('/api/v1/nodes', { preHandler: app.requireUser }, async () => [...registry.list(), ...parts.peers.list()]);

    app.get(
      '/api/v1/nodes/:node/inventory',
      { preHandler: app.requireUser, schema: { params: NodeParams } },
      async (request) => {
        const { node } = request.params;
        const found = registry.inventory(node);
        if (!found)
          throw new SextantError('SX_NOT_FOUND', `there is no inventory of a node ${node}`, {
            nextStep: 'an agent sends it at its start and once a day; `sextant nodes` shows which run',
          });
        return found;
      },
    );

    // What the node has said stays; what it says from now on is refused.
    app.post(
      '/api/v1/nodes/:node/revoke',
      { preHandler: app.requireAdministrator, schema: { params: NodeParams } },
      async (request, reply) => {
        if (request.identity.kind !== 'user') throw new Error('BUG: a revocation without a user');
        const { node } = request.params;
        const count = certificates.revoke(node, `by ${request.identity.user}`);
        if (count === 0)
          throw new SextantError('SX_NOT_FOUND', `node ${node} has no valid certificate`, {
            nextStep: 'nothing has to be revoked; `sextant nodes` shows who is enrolled',
          });
        audit('node.revoked', request.identity.user, { node, certificates: count });
        hub.disconnect(node, 'the certificate of this node was revoked');
        return reply.code(204).send();
      },
    );
  };
