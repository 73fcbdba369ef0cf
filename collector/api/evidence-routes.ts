import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyPluginAsync } from 'fastify';
import { Type } from 'typebox';
import { SextantError } from '../../errors/sextant-error.ts';
import type { CaseRecords } from '../case/case-records.ts';
import type { CaseView } from '../case/case-view.ts';
import type { EvidenceFile } from './shapes/evidence.ts';

const NodeParams = Type.Object({ node: Type.String({ minLength: 1, maxLength: 255 }) });
const FilesQuery = Type.Object({
  bundle: Type.Optional(Type.String({ maxLength: 64 })),
  node: Type.Optional(Type.String({ maxLength: 255 })),
  q: Type.Optional(Type.String({ maxLength: 255 })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000 })),
});

/** A case in the place of a live collector: nodes, inventories, evidence and the index of files. All of it only reads. */
export const evidenceRoutes =
  ({ view, records }: { view: CaseView; records: CaseRecords }): FastifyPluginAsync =>
  async (plain) => {
    const app = plain.withTypeProvider<TypeBoxTypeProvider>();
    const user = { preHandler: app.requireUser };

    app.get('/api/v1/health', { config: { public: true } }, async () => ({ ready: true }));
    app.get('/api/v1/nodes', user, async () => view.nodes());
    app.get('/api/v1/nodes/:node/inventory', { ...user, schema: { params: NodeParams } }, async (request) => {
      const found = records.inventory(request.params.node);
      if (!found)
        throw new SextantError('SX_NOT_FOUND', `no bundle has an inventory of ${request.params.node}`, {
          nextStep: '`sextant nodes` shows the nodes of the case',
        });
      return found;
    });
    app.get('/api/v1/bundles', user, async () => []);
    app.get('/api/v1/evidence', user, async () => view.bundles());
    app.get(
      '/api/v1/evidence/files',
      { ...user, schema: { querystring: FilesQuery } },
      async (request): Promise<EvidenceFile[]> => {
        const { bundle, node, q = '', limit = 200 } = request.query;
        return records.files({ bundle, node, text: q, limit });
      },
    );
  };
