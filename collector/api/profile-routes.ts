import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyPluginAsync, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { nameWords, textPattern } from '../../config/text-pattern.ts';
import { profileLimits, profileNamePattern } from '../../protocol/pushed-profile.ts';
import type { PushedProfiles } from '../profiles/pushed-profiles.ts';

const day = 86_400_000;
const Name = Type.String({ pattern: textPattern(profileNamePattern, nameWords(63)) });
const Targets = Type.Array(Type.String({ minLength: 1, maxLength: 255 }), {
  maxItems: profileLimits.targets,
  uniqueItems: true,
});
const ProfileBody = Type.Object({
  name: Name,
  text: Type.String({ minLength: 1, maxLength: profileLimits.textBytes }),
  nodes: Type.Optional(Targets),
  roles: Type.Optional(Targets),
  /** Also roles that no node has: for nodes that are still to come. */
  force: Type.Optional(Type.Boolean()),
  /** How long nodes hold it: a year when not said. */
  validForMs: Type.Optional(Type.Integer({ minimum: 1000, maximum: 3650 * day })),
});
const ProfilePath = Type.Object({ name: Name });

/** `/api/v1/profiles…` and `/api/v1/profile-key…` for people, `GET /agent/v1/profiles` for nodes. */
export const profileRoutes =
  ({ profiles }: { profiles: PushedProfiles }): FastifyPluginAsync =>
  async (plain) => {
    const app = plain.withTypeProvider<TypeBoxTypeProvider>();
    const administrator = { preHandler: app.requireAdministrator };

    app.get('/agent/v1/profiles', { preHandler: app.requireNode }, async () => profiles.answer());

    app.get('/api/v1/profiles', { preHandler: app.requireUser }, async () => profiles.list());

    app.post('/api/v1/profiles', { ...administrator, schema: { body: ProfileBody } }, async (request, reply) => {
      const { name, text, nodes = [], roles = [], force = false, validForMs = 365 * day } = request.body;
      return reply.code(201).send(profiles.push({ name, text, nodes, roles, force, validForMs }, userOf(request)));
    });

    app.get(
      '/api/v1/profiles/:name',
      { preHandler: app.requireUser, schema: { params: ProfilePath } },
      async (request) => profiles.show(request.params.name),
    );

    app.delete('/api/v1/profiles/:name', { ...administrator, schema: { params: ProfilePath } }, async (request) =>
      profiles.withdraw(request.params.name, userOf(request)),
    );

    app.post('/api/v1/profile-key', administrator, async (request) => profiles.key(userOf(request)));

    app.post('/api/v1/profile-key/rotate', administrator, async (request) => profiles.rotateKey(userOf(request)));
  };

function userOf({ identity }: Pick<FastifyRequest, 'identity'>): string {
  if (identity.kind !== 'user') throw new Error('BUG: a change of profiles without a user');
  return identity.user;
}
