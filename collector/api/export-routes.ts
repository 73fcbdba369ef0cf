import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyPluginAsync, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { bundleIdPattern } from '../../bundle/bundle-name.ts';
import { hexIdWords, textPattern } from '../../config/text-pattern.ts';
import type { ExportJobs } from '../exports/export-jobs.ts';
import type { Audit } from '../state/audit.ts';
import { exportStepEvents, mostStepsAtOnce } from './shapes/export-steps.ts';

const Id = Type.String({ pattern: bundleIdPattern });
const Params = Type.Object({ id: Id });
const Body = Type.Object(
  {
    /** The id of a drive in `GET /api/v1/drives`; never a path. */
    drive: Type.String({ pattern: textPattern('^[0-9a-f]{16}$', hexIdWords) }),
    resume: Type.Boolean({ default: false }),
    split: Type.Boolean({ default: false }),
    eject: Type.Boolean({ default: true }),
  },
  { additionalProperties: false },
);

const Words = Type.Optional(Type.String({ maxLength: 1024 }));
const Step = Type.Object(
  {
    export: Type.String({ pattern: textPattern('^[a-z0-9]{1,64}$', 'must be made of a-z and 0-9') }),
    bundle: Type.String({ minLength: 1, maxLength: 255 }),
    who: Type.String({ maxLength: 255 }),
    at: Type.String({
      pattern: textPattern(
        '^\\d{4}-\\d\\d-\\d\\dT[\\d:.]{8,18}Z$',
        'must be a time in UTC such as 2026-11-20T11:00:00.000Z',
      ),
    }),
    event: Type.Enum([...exportStepEvents]),
    approvedBy: Type.Optional(Type.Array(Type.String({ maxLength: 255 }), { maxItems: 16 })),
    medium: Type.Optional(Type.Integer({ minimum: 0 })),
    ...{ folder: Words, serial: Words, volumeId: Words, part: Words, reason: Words, detail: Words },
  },
  { additionalProperties: false },
);
const Steps = Type.Object(
  { steps: Type.Array(Step, { minItems: 1, maxItems: mostStepsAtOnce }) },
  { additionalProperties: false },
);

/** What each step is called in the audit, as for exports that the collector runs itself. */
const auditNames = {
  planned: 'export.started',
  medium: 'export.medium',
  'medium-done': 'export.medium-done',
  lost: 'export.lost',
  back: 'export.back',
  refused: 'export.part-refused',
  ejected: 'export.ejected',
  interrupted: 'export.interrupted',
  finished: 'export.complete',
  'not-allowed': 'export.refused',
} as const;

const userOf = (request: FastifyRequest): string => (request.identity.kind === 'user' ? request.identity.user : '');

/** `/api/v1/drives`, `/api/v1/exports…` and `/api/v1/bundles/:id/exports`: bundles onto drives of this machine. */
export const exportRoutes =
  ({ exports, audit }: { exports: ExportJobs; audit: Audit }): FastifyPluginAsync =>
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

    app.post('/api/v1/exports/steps', { ...administrator, schema: { body: Steps } }, async (request, reply) => {
      for (const { event, who, ...step } of request.body.steps) {
        audit(auditNames[event], userOf(request), { ...step, user: who, by: 'sextant bundle export' });
      }
      return reply.code(204).send();
    });

    app.post('/api/v1/exports/:id/approve', { ...administrator, schema: { params: Params } }, async (request) =>
      exports.approve(request.params.id, userOf(request)),
    );

    app.delete('/api/v1/exports/:id', { ...administrator, schema: { params: Params } }, async (request) =>
      exports.cancel(request.params.id, userOf(request)),
    );
  };
