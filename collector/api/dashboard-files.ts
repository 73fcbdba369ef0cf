import { existsSync } from 'node:fs';
import { join } from 'node:path';
import helmet from '@fastify/helmet';
import fastifyStatic from '@fastify/static';
import type { FastifyPluginAsync, FastifyReply } from 'fastify';
import { pathOf } from './request-path.ts';

/**
 * What the dashboard's page may do: run and show its own files and talk to its own collector. No inline script or
 * style attribute, no frame, no plug-in, no string that becomes markup or code.
 */
const contentSecurityPolicy = {
  defaultSrc: ["'none'"],
  scriptSrc: ["'self'"],
  styleSrc: ["'self'"],
  imgSrc: ["'self'"],
  connectSrc: ["'self'"],
  fontSrc: ["'self'"],
  baseUri: ["'none'"],
  formAction: ["'self'"],
  frameAncestors: ["'none'"],
  requireTrustedTypesFor: ["'script'"],
  trustedTypes: ["'none'"],
};

const yearMs = 365 * 86_400_000;

const notBuilt = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Sextant: the dashboard has not been built</title>
<h1>The dashboard has not been built</h1>
<p>The collector runs; only its pages are missing. Build them in the checkout, then reload this page:</p>
<pre>npm run build:dashboard</pre>
`;

/**
 * Serves the built dashboard from `folder`. Files under /assets carry a hash of their content in their names and may be
 * kept for ever; index.html may not be kept at all, and stands for every address that the app itself knows.
 * Paths of the API never fall back to it.
 */
export function dashboardFiles({ folder }: { folder: string }): FastifyPluginAsync {
  return async function dashboardFiles(app) {
    // secureHeaders has set the policy for data; helmet writes to the raw answer, which fastify's own headers outdo.
    app.addHook('onRequest', async (_request, reply) => {
      reply.removeHeader('content-security-policy');
    });
    await app.register(helmet, {
      contentSecurityPolicy: { useDefaults: false, directives: contentSecurityPolicy },
      // Our certificate is vouched for by the site's own CA. A browser that has not been given it shows a warning;
      // with HSTS it would show a wall, and for localhost it would carry over to other programs' ports.
      strictTransportSecurity: false,
      referrerPolicy: { policy: 'no-referrer' },
      xFrameOptions: { action: 'deny' },
    });
    await app.register(fastifyStatic, { root: folder, serve: false, index: false, dotfiles: 'ignore' });

    const page = (reply: FastifyReply) => {
      reply.header('cache-control', 'no-store');
      if (existsSync(join(folder, 'index.html'))) return reply.sendFile('index.html', { cacheControl: false });
      return reply.code(503).type('text/html; charset=utf-8').send(notBuilt);
    };

    app.get<{ Params: { '*': string } }>('/assets/*', (request, reply) =>
      reply.sendFile(`assets/${request.params['*']}`, { maxAge: yearMs, immutable: true }),
    );
    app.get('/favicon.svg', (_request, reply) => reply.sendFile('favicon.svg', { maxAge: 86_400_000 }));
    app.get('/*', (request, reply) => {
      const path = pathOf(request);
      if (/^\/(api|v1|agent|prometheus)(\/|$)/.test(path)) return reply.callNotFound();
      return page(reply);
    });
  };
}
