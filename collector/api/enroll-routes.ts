import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyPluginAsync } from 'fastify';
import { Type } from 'typebox';
import { maxRequestCharacters } from '../identity/certificate-request.ts';
import type { EnrollmentDesk } from '../identity/enrollment.ts';

const csr = Type.String({ minLength: 1, maxLength: maxRequestCharacters });

const EnrollBody = Type.Object({
  token: Type.String({ minLength: 1, maxLength: 128 }),
  csr,
  hostName: Type.String({ minLength: 1, maxLength: 255 }),
  os: Type.String({ maxLength: 255 }),
  version: Type.String({ maxLength: 64 }),
  node: Type.Optional(Type.String({ minLength: 1, maxLength: 255 })),
  proof: Type.Optional(
    Type.Object({
      certificate: Type.String({ maxLength: maxRequestCharacters }),
      signature: Type.String({ maxLength: 512 }),
    }),
  ),
});

const RenewBody = Type.Object({ csr });

/** `GET /api/v1/ca`, `POST /api/v1/enroll` (a token is the proof), `POST /agent/v1/renew` (the certificate is). */
export const enrollRoutes =
  ({ desk, authorityPem }: { desk: EnrollmentDesk; authorityPem: string }): FastifyPluginAsync =>
  async (plain) => {
    const app = plain.withTypeProvider<TypeBoxTypeProvider>();

    app.get('/api/v1/ca', { config: { public: true } }, async (_request, reply) =>
      reply.type('application/x-pem-file').send(authorityPem),
    );

    app.post(
      '/api/v1/enroll',
      {
        config: { public: true, rateLimit: { max: 300, timeWindow: '1 minute' } },
        bodyLimit: 32 * 1024,
        schema: { body: EnrollBody },
      },
      async (request) => desk.enroll(request.body, request.ip),
    );

    app.post('/agent/v1/renew', { preHandler: app.requireNode, schema: { body: RenewBody } }, async (request) => {
      if (request.identity.kind !== 'node') throw new Error('BUG: a renewal without a node');
      return desk.renew(request.identity.node, request.body.csr);
    });
  };
