import fastifyPlugin from 'fastify-plugin';
import { SextantError } from '../../errors/sextant-error.ts';
import { pathOf } from './request-path.ts';

/**
 * Refuses parameters of a query that a route of the API does not know: one that is misspelt would be left out silently,
 * and the answer would be to another question. Prometheus' own API leaves them out, and so does ours below `/prometheus`.
 */
export const knownParameters = fastifyPlugin(
  async (app) => {
    app.addHook('preValidation', async (request) => {
      const schema = request.routeOptions.schema?.querystring as { properties?: object } | undefined;
      if (schema?.properties === undefined || !pathOf(request).startsWith('/api/')) return;
      const known = Object.keys(schema.properties);
      const unknown = Object.keys(request.query as object).find((name) => !known.includes(name));
      if (unknown === undefined) return;
      throw new SextantError('SX_BAD_REQUEST', `there is no parameter “${unknown.slice(0, 64)}” here`, {
        nextStep: `these there are: ${known.join(', ')}`,
      });
    });
  },
  { name: 'known-parameters' },
);
