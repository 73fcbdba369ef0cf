import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyPluginAsync, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { bundlePresets } from '../../bundle/preset.ts';
import { defaultProfile } from '../../bundle/redaction/profile.ts';
import { nameWords, textPattern } from '../../config/text-pattern.ts';
import { SextantError } from '../../errors/sextant-error.ts';
import type { BundleSchedules } from '../bundles/bundle-schedules.ts';
import { parseDurationMs } from '../query/time-value.ts';
import { bundleSelection } from './bundle-selection.ts';
import { scheduleNamePattern } from './shapes/bundles.ts';

const minute = 60_000;
const longestWindowMs = 366 * 24 * 60 * minute;
const Name = Type.String({ pattern: textPattern(scheduleNamePattern, nameWords(64)) });
const Path = Type.Object({ name: Name });
const Body = Type.Object(
  {
    name: Name,
    cron: Type.String({ minLength: 1, maxLength: 200 }),
    /** A duration such as `6h`, instead of a preset. */
    window: Type.Optional(Type.String({ maxLength: 16 })),
    ...bundleSelection,
  },
  { additionalProperties: false },
);

const userOf = (request: FastifyRequest): string => (request.identity.kind === 'user' ? request.identity.user : '');

/** `/api/v1/bundle-schedules…`: bundles that the collector makes again and again. */
export const bundleScheduleRoutes =
  ({ schedules }: { schedules: BundleSchedules }): FastifyPluginAsync =>
  async (plain) => {
    const app = plain.withTypeProvider<TypeBoxTypeProvider>();
    const administrator = { preHandler: app.requireAdministrator };
    const path = '/api/v1/bundle-schedules';

    app.get(path, { preHandler: app.requireUser }, async () => schedules.list());

    app.post(path, { ...administrator, schema: { body: Body } }, async (request, reply) => {
      const { name, cron, window, preset, nodes = [], roles = [], redaction = defaultProfile } = request.body;
      const { classes = [], parquet = false } = request.body;
      const windowMs = windowOf(window, preset);
      const plan = { name, cron, windowMs, nodes, roles, classes, redaction, parquet };
      const row = schedules.create(plan, userOf(request));
      return reply.code(201).send(row);
    });

    app.delete(`${path}/:name`, { ...administrator, schema: { params: Path } }, async (request) =>
      schedules.delete(request.params.name, userOf(request)),
    );

    app.post(`${path}/:name/run`, { ...administrator, schema: { params: Path } }, async (request, reply) =>
      reply.code(202).send(await schedules.run(request.params.name, userOf(request))),
    );
  };

function windowOf(window: string | undefined, preset: keyof typeof bundlePresets | undefined): number {
  if (window !== undefined && preset !== undefined) {
    throw new SextantError('SX_BAD_REQUEST', 'window and preset say the same: give one of them');
  }
  if (window === undefined) return bundlePresets[preset ?? 'standard'];
  const windowMs = parseDurationMs(window);
  if (windowMs === undefined || windowMs < minute || windowMs > longestWindowMs) {
    throw new SextantError('SX_BAD_REQUEST', `window: “${window}” is no duration from 1m to 366d`, {
      nextStep: 'write a duration such as 30m, 6h or 2d',
    });
  }
  return windowMs;
}
