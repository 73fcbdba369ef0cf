import swagger from '@fastify/swagger';
import type { FastifyPluginAsync, FastifySchema } from 'fastify';
import fastifyPlugin from 'fastify-plugin';
import { type ErrorCode, errorRegistry } from '../../../errors/registry.ts';
import { sessionCookie } from '../identify-user.ts';
import { prometheusErrors } from '../prometheus-error.ts';
import { answers } from './answers.ts';
import type { Operation } from './operation.ts';
import { operations } from './operations.ts';

const prefix = '/api/v1/';
/** What programs of others may call. */
const isDescribed = (url: string) => url.startsWith(prefix) || url.startsWith('/prometheus/api/v1/');
const bytes = { type: 'string', contentMediaType: 'application/octet-stream' };
const reference = (name: string) => ({ $ref: `#/components/schemas/${name}` });

/**
 * Describes the routes that are registered after it from the schemas that check them, as OpenAPI 3.1, and serves that
 * at `GET /api/v1/openapi.json`. What they answer is described too, and not checked or cut by it.
 */
export function apiDescription({ version }: { version: string }): FastifyPluginAsync {
  const plugin: FastifyPluginAsync = async (app) => {
    await app.register(swagger, {
      openapi: {
        openapi: '3.1.0',
        info: {
          title: 'Sextant',
          version,
          description:
            'The API of a collector. Every error has a stable code, says what happened and what to do: docs/errors.md.',
        },
        components: {
          securitySchemes: {
            token: { type: 'http', scheme: 'bearer', description: 'Made by `sextant token create --api`.' },
            session: { type: 'apiKey', in: 'cookie', name: sessionCookie },
          },
        },
      },
      // Agents' own routes and the dashboard's files are not for programs of others.
      transform: ({ schema, url, route }) => {
        const operation = operations[`${[route.method].flat()[0]} ${url}`];
        if (!isDescribed(url)) return { schema: { ...schema, hide: true }, url };
        if (!operation) throw new Error(`BUG: ${url} is not described`);
        return { schema: describe(schema ?? {}, operation), url };
      },
    });

    app.get(`${prefix}openapi.json`, async (request, reply) => {
      await app.requireUser.call(app, request, reply);
      const document = app.swagger();
      // Put in here: the routes describe what they answer and do not check it.
      return { ...document, components: { ...('components' in document && document.components), schemas: answers } };
    });
  };
  return fastifyPlugin(plugin, { name: 'api-description', dependencies: ['identify'] });
}

function describe(schema: FastifySchema, operation: Operation) {
  const { summary, tag, who, status = 200, answer } = operation;
  const content =
    answer === 'nothing'
      ? undefined
      : Object.fromEntries(
          Object.entries(answer).map(([type, name]) => [type, { schema: name === 'bytes' ? bytes : reference(name) }]),
        );
  return {
    ...schema,
    summary,
    tags: [tag],
    ...(who === 'administrator' && { description: 'For administrators.' }),
    security: who === 'everybody' ? [] : [{ token: [] }, { session: [] }],
    response: { [status]: { description: summary, ...(content && { content }) }, ...errorAnswers(schema, operation) },
  };
}

function errorAnswers(
  schema: FastifySchema,
  { who, errors = [], speaksPrometheus }: Operation,
): Record<string, object> {
  if (speaksPrometheus) return described(prometheusErrors, 'PrometheusError');
  const codes: ErrorCode[] = [...errors, 'SX_INTERNAL'];
  if (schema.body || schema.querystring || schema.params) codes.push('SX_BAD_REQUEST');
  if (who !== 'everybody') codes.push('SX_UNAUTHENTICATED');
  if (who === 'administrator') codes.push('SX_FORBIDDEN');
  const byStatus = Object.groupBy(codes, (code) => String(errorRegistry[code].status));
  return described(byStatus, 'ApiError');
}

const described = (byStatus: Partial<Record<string, readonly string[]>>, shape: 'ApiError' | 'PrometheusError') =>
  Object.fromEntries(
    Object.entries(byStatus).map(([status, of = []]) => [
      status,
      { description: of.join(', '), content: { 'application/json': { schema: reference(shape) } } },
    ]),
  );
