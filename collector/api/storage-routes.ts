import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyPluginAsync } from 'fastify';
import { Type } from 'typebox';
import { SextantError } from '../../errors/sextant-error.ts';
import type { Upkeep } from '../upkeep/upkeep.ts';

const Task = Type.Object(
  {
    task: Type.Union([Type.Literal('backup'), Type.Literal('check'), Type.Literal('compact')]),
    folder: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 4096,
        description: 'Of a backup: a new folder on the collector’s machine.',
      }),
    ),
  },
  { additionalProperties: false },
);

/** `/api/v1/storage`, for administrators: what takes how much space, and its upkeep. */
export const storageRoutes =
  ({ upkeep }: { upkeep: Pick<Upkeep, 'usage' | 'start' | 'state'> }): FastifyPluginAsync =>
  async (plain) => {
    const app = plain.withTypeProvider<TypeBoxTypeProvider>();
    app.addHook('preHandler', app.requireAdministrator);
    app.get('/api/v1/storage', async () => upkeep.usage());
    app.get('/api/v1/storage/upkeep', async () => {
      const state = upkeep.state();
      if (!state)
        throw new SextantError('SX_NOT_FOUND', 'no upkeep has run since the collector started', {
          nextStep: 'start one, for example `sextant collector check`',
        });
      return state;
    });
    app.post('/api/v1/storage/upkeep', { schema: { body: Task } }, async (request, reply) => {
      if (request.identity.kind !== 'user') throw new Error('BUG: upkeep without a user');
      const { task, folder } = request.body;
      if ((task === 'backup') !== (folder !== undefined)) {
        throw new SextantError('SX_BAD_REQUEST', 'folder: a backup has one, nothing else does');
      }
      return reply.code(202).send(upkeep.start(task, request.identity.user, folder));
    });
  };
