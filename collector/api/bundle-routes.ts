import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyPluginAsync, FastifyRequest } from 'fastify';
import { type Static, Type } from 'typebox';
import { bundleIdPattern } from '../../bundle/bundle-name.ts';
import type { BundleCaps } from '../../bundle/caps.ts';
import { isManifestPath, openRegular } from '../../bundle/manifest.ts';
import { bundlePresets } from '../../bundle/preset.ts';
import { defaultProfile } from '../../bundle/redaction/profile.ts';
import { textPattern } from '../../config/text-pattern.ts';
import { SextantError } from '../../errors/sextant-error.ts';
import { volumeHeaders } from '../../protocol/headers.ts';
import type { BundleJobs } from '../bundles/bundle-jobs.ts';
import { bundleTar } from '../bundles/bundle-tar.ts';
import type { VolumeClaim } from '../bundles/incoming-volumes.ts';
import { parseTime } from '../query/time-value.ts';
import type { Audit } from '../state/audit.ts';
import { bundleLimits, bundleSelection } from './bundle-selection.ts';

const Id = Type.String({ pattern: bundleIdPattern });
const Params = Type.Object({ id: Id });
/** An id, or how it begins. */
const ListQuery = Type.Object({
  id: Type.Optional(Type.String({ pattern: textPattern('^[a-z0-9]{1,32}$', 'must be 1 to 32 of a-z and 0-9') })),
});
const Time = Type.Optional(Type.String({ maxLength: 64 }));
const CreateBody = Type.Object(
  {
    since: Time,
    from: Time,
    until: Time,
    ...bundleSelection,
    ...bundleLimits,
    /** What cannot be redacted too, in an encrypted volume of its own. */
    raw: Type.Optional(Type.Boolean()),
  },
  { additionalProperties: false },
);

const RevealBody = Type.Object(
  { pseudonym: Type.String({ minLength: 1, maxLength: 300 }) },
  { additionalProperties: false },
);

const userOf = (request: FastifyRequest): string => (request.identity.kind === 'user' ? request.identity.user : '');

/** `/api/v1/bundles…` for people, `/agent/v1/bundles/:id/volumes/:name` for the nodes of a running job. */
export function bundleRoutes({
  jobs,
  audit,
  nowMs = Date.now,
}: {
  jobs: BundleJobs;
  audit: Audit;
  nowMs?: () => number;
}): FastifyPluginAsync {
  return async function bundleRoutes(plain) {
    await plain.register(userRoutes);
    await plain.register(nodeRoutes);
  };

  async function userRoutes(plain: Parameters<FastifyPluginAsync>[0]): Promise<void> {
    const app = plain.withTypeProvider<TypeBoxTypeProvider>();
    const administrator = { preHandler: app.requireAdministrator };

    const readRequest = (body: Static<typeof CreateBody>) => {
      const { since, from, until, preset, nodes = [], roles = [], classes = [] } = body;
      const { redaction = defaultProfile, raw = false, parquet = false } = body;
      if ([since, from, preset].filter((each) => each !== undefined).length > 1) {
        throw new SextantError('SX_BAD_REQUEST', 'since, from and preset say the same: give one of them');
      }
      const read = (text: string, field: string): number => Number(parseTime(text, nowMs(), field) / 1_000_000n);
      const untilUnixMs = until === undefined ? nowMs() : read(until, 'until');
      const fromUnixMs =
        preset === undefined
          ? read(from ?? since ?? '15m', 'since')
          : Math.min(nowMs(), untilUnixMs) - bundlePresets[preset];
      const caps: BundleCaps = {
        ...(body.maxBytes !== undefined && { total: body.maxBytes }),
        perClass: body.maxBytesPer ?? {},
      };
      return { fromUnixMs, untilUnixMs, nodes, roles, classes, redaction, caps, raw, parquet };
    };

    app.post('/api/v1/bundles', { ...administrator, schema: { body: CreateBody } }, async (request, reply) =>
      reply.code(202).send(await jobs.create({ ...readRequest(request.body), requestedBy: userOf(request) })),
    );

    app.post('/api/v1/bundles/estimate', { ...administrator, schema: { body: CreateBody } }, async (request) =>
      jobs.estimate(readRequest(request.body)),
    );

    app.post('/api/v1/redaction/reveal', { ...administrator, schema: { body: RevealBody } }, async (request) =>
      jobs.reveal(request.body.pseudonym, userOf(request)),
    );

    app.get('/api/v1/bundles', { preHandler: app.requireUser, schema: { querystring: ListQuery } }, async (request) =>
      jobs.list(request.query.id),
    );

    app.get('/api/v1/bundles/:id', { preHandler: app.requireUser, schema: { params: Params } }, async (request) =>
      jobs.get(request.params.id),
    );

    app.delete('/api/v1/bundles/:id', { ...administrator, schema: { params: Params } }, async (request) => {
      audit('bundle.cancelled', userOf(request), { bundle: request.params.id });
      return jobs.cancel(request.params.id);
    });

    app.delete('/api/v1/bundles/:id/files', { ...administrator, schema: { params: Params } }, async (request) =>
      jobs.remove(request.params.id, userOf(request)),
    );

    app.get(
      '/api/v1/bundles/:id/download',
      { ...administrator, schema: { params: Params } },
      async (request, reply) => {
        const { folder, release } = jobs.hold(request.params.id);
        reply.raw.once('close', release);
        const { name } = jobs.get(request.params.id);
        audit('bundle.downloaded', userOf(request), { bundle: request.params.id });
        return reply
          .type('application/x-tar')
          .header('content-disposition', `attachment; filename="${name}.tar"`)
          .send(await bundleTar(folder, name));
      },
    );

    app.get(
      '/api/v1/bundles/:id/files/*',
      { ...administrator, schema: { params: Type.Object({ id: Id, '*': Type.String({ maxLength: 255 }) }) } },
      async (request, reply) => {
        const path = request.params['*'];
        const { folder, release } = jobs.hold(request.params.id);
        reply.raw.once('close', release);
        if (!isManifestPath(path)) throw new SextantError('SX_BAD_REQUEST', 'this is not a name of a bundle’s part');
        const opened = await openRegular(join(folder, path)).catch(() => undefined);
        if (!opened) throw new SextantError('SX_NOT_FOUND', `the bundle has no ${path}`);
        // The report is a page of its own; on this origin it is never shown, only saved.
        return reply
          .type('application/octet-stream')
          .header('content-disposition', 'attachment')
          .header('content-length', opened.bytes)
          .send(opened.file.createReadStream({ highWaterMark: 256 * 1024 }));
      },
    );
  }

  async function nodeRoutes(plain: Parameters<FastifyPluginAsync>[0]): Promise<void> {
    const app = plain.withTypeProvider<TypeBoxTypeProvider>();
    app.addHook('preHandler', app.requireNode);
    // The body is a volume: it goes to disk as it comes.
    app.addContentTypeParser('application/octet-stream', (_request, payload, done) => done(null, payload));
    const options = { schema: { params: Type.Object({ id: Id, name: Type.String({ maxLength: 128 }) }) } };
    const path = '/agent/v1/bundles/:id/volumes/:name';

    app.get(path, options, async (request) => {
      const claim = claimOf(request, request.params.name);
      return jobs.volumes(request.params.id, claim.node).state(claim);
    });

    app.put(path, { ...options, bodyLimit: 2 ** 31 }, async (request) => {
      const claim = claimOf(request, request.params.name);
      const offset = decimal(request, volumeHeaders.offset);
      return jobs.volumes(request.params.id, claim.node).append(claim, offset, request.body as Readable);
    });
  }
}

function decimal(request: FastifyRequest, header: string): number {
  const text = request.headers[header];
  if (typeof text !== 'string' || !/^\d{1,12}$/.test(text)) {
    throw new SextantError('SX_BAD_REQUEST', `the header ${header} is no number`);
  }
  return Number(text);
}

function claimOf(request: FastifyRequest, name: string): VolumeClaim {
  if (request.identity.kind !== 'node') throw new Error('BUG: a volume without a node');
  return {
    node: request.identity.node,
    name,
    sha512: String(request.headers[volumeHeaders.sha512] ?? ''),
    bytes: decimal(request, volumeHeaders.bytes),
  };
}
