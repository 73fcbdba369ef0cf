import fastifyPlugin from 'fastify-plugin';
import { pathOf } from './request-path.ts';

/**
 * Headers of every answer. The policy here is for data, which no page may run or frame; the dashboard's files bring
 * their own, wider one.
 */
export const secureHeaders = fastifyPlugin(
  async (app) => {
    app.addHook('onRequest', async (request, reply) => {
      reply.headers({
        'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-resource-policy': 'same-origin',
        'referrer-policy': 'no-referrer',
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
      });
      if (pathOf(request).startsWith('/api/')) reply.header('cache-control', 'no-store');
    });
  },
  { name: 'secure-headers' },
);
