import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyPluginAsync, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { bundleIdPattern } from '../../bundle/bundle-name.ts';
import type { ExportJobs } from '../exports/export-jobs.ts';

const Id = Type.String({ pattern: bundleIdPattern });
const Params = Type.Object({ id: Id });
const Body = Type.Object(
  {
    /** The id of a drive in `GET /api/v1/drives`; never a path. */
    drive: Type.String({ pattern: '^[0-9a-f]{16}$' }),
    resume: Type.Boolean({ default: false }),
    split: Type.Boolean({ default: false }),
    eject: Type.Boolean({ default: true }),
  },
  { additionalProperties: false },
);

const userOf = (request: FastifyRequest): string => (request.identity.kind === 'user' ? request.identity.user : '');

/** `/api/v1/drives`, `/api/v1/exports…` and `/api/v1/bundles/:id/exports`: bundles onto drives of this machine. */
export const exportRoutes =
  ({ exports }: { exports: ExportJobs }): FastifyPluginAsync =>
  async (plain) => {
    const app = plain.withTypeProvider<TypeBoxTypeProvider>();
    const administrator = { preHandler: app.requireAdministrator };
    const user = { preHandler: app.requireUser };

    app.get('/api/v1/drives', administrator, () => exports.drives());

    app.get('/api/v1/exports', user, async () => exports.list());

    app.get('/api/v1/exports/:id', { ...user, schema: { params: Params } }, async (request) =>
      exports.get(request.params.id),
    );

    app.post(
      '/api/v1/bundles/:id/exports',
      { ...administrator, schema: { params: Params, body: Body } },
      async (request, reply) => {
        const wish = { ...request.body, bundle: request.params.id, who: userOf(request) };
        return reply.code(202).send(await exports.create(wish));
      },
    );

    app.post('/api/v1/exports/:id/approve', { ...administrator, schema: { params: Params } }, async (request) =>
      exports.approve(request.params.id, userOf(request)),
    );

    app.delete('/api/v1/exports/:id', { ...administrator, schema: { params: Params } }, async (request) =>
      exports.cancel(request.params.id, userOf(request)),
    );
  };
