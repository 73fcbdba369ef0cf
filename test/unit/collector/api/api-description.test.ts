import { Value } from 'typebox/value';
import { expect, test } from 'vitest';
import { alertRoutes } from '../../../../collector/api/alerts-routes.ts';
import { bundleRoutes } from '../../../../collector/api/bundle-routes.ts';
import { exportRoutes } from '../../../../collector/api/export-routes.ts';
import { logTailRoutes } from '../../../../collector/api/log-tail-routes.ts';
import { logRoutes } from '../../../../collector/api/logs-routes.ts';
import { metricRoutes } from '../../../../collector/api/metrics-routes.ts';
import { answers } from '../../../../collector/api/openapi/answers.ts';
import { apiDescription } from '../../../../collector/api/openapi/api-description.ts';
import { prometheusErrors } from '../../../../collector/api/prometheus-error.ts';
import { prometheusRoutes } from '../../../../collector/api/prometheus-routes.ts';
import { sqlRoutes } from '../../../../collector/api/sql-routes.ts';
import type { BundleJobs } from '../../../../collector/bundles/bundle-jobs.ts';
import type { ExportJobs } from '../../../../collector/exports/export-jobs.ts';
import { errorRegistry } from '../../../../errors/registry.ts';
import { startSite } from './site.ts';

/** Routes of the API, of which those that need storage never get as far as it. main.test.ts looks at all of them. */
async function site() {
  const store = { query: () => Promise.reject(new Error('there is no storage here')) };
  const audit = () => {};
  const alerts = { list: () => [] };
  return startSite({
    describe: apiDescription({ version: '1.2.3' }),
    plugins: [
      logRoutes({ store }),
      logTailRoutes({ store }),
      metricRoutes({ store }),
      prometheusRoutes({ store }),
      alertRoutes({ alerts }),
      sqlRoutes({ store, audit }),
      bundleRoutes({ jobs: {} as BundleJobs, audit }),
      exportRoutes({ exports: {} as ExportJobs, audit: () => {} }),
    ],
  });
}

interface Described {
  summary: string;
  tags: string[];
  security: object[];
  parameters?: { name: string; in: string; schema: object }[];
  requestBody?: { content: Record<string, { schema: object }> };
  responses: Record<string, { description: string; content?: Record<string, { schema: { $ref?: string } }> }>;
}

async function described() {
  const started = await site();
  const answer = await started.call('GET', '/api/v1/openapi.json', { headers: started.asAdministrator });
  expect(answer.status).toBe(200);
  const routes = new Map<string, Described>();
  for (const [path, methods] of Object.entries<Record<string, Described>>(answer.json.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      const written = path
        .replaceAll(/\{(\w+)\}/g, ':$1')
        .replace(':*', '*')
        .replace('{*}', '*');
      routes.set(`${method.toUpperCase()} ${written}`, operation);
    }
  }
  return { ...started, document: answer.json, routes };
}

test('it is OpenAPI 3.1, with the version of the program', async () => {
  const { document } = await described();
  expect([document.openapi, document.info.version]).toEqual(['3.1.0', '1.2.3']);
});

test('every route has a summary, an answer and errors that the registry knows, under their status', async () => {
  const { document, routes } = await described();
  for (const [route, { summary, responses }] of routes) {
    expect(summary, route).not.toBe('');
    const statuses = Object.keys(responses);
    expect(
      statuses.some((status) => status.startsWith('2')),
      route,
    ).toBe(true);
    expect(statuses, route).toContain('500');
    for (const [status, { description, content }] of Object.entries(responses)) {
      for (const { schema } of Object.values(content ?? {})) {
        const name = schema.$ref?.replace('#/components/schemas/', '');
        if (name) expect(document.components.schemas, route).toHaveProperty(name);
      }
      if (status.startsWith('2')) continue;
      if (route.includes(' /prometheus/')) {
        expect(description.split(', '), route).toEqual(prometheusErrors[Number(status)]);
        expect(content, route).toEqual({
          'application/json': { schema: { $ref: '#/components/schemas/PrometheusError' } },
        });
        continue;
      }
      for (const code of description.split(', ')) {
        expect(errorRegistry[code as keyof typeof errorRegistry]?.status, `${route} ${code}`).toBe(Number(status));
      }
    }
  }
});

test('parameters and bodies are those that the route checks', async () => {
  const { routes } = await described();
  const names = (route: string) => routes.get(route)?.parameters?.map((one) => `${one.in} ${one.name}`);
  expect(names('GET /api/v1/logs')).toEqual(
    ['since', 'until', 'node', 'q', 'grep', 'severity', 'limit', 'cursor', 'follow', 'order', 'cursors'].map(
      (name) => `query ${name}`,
    ),
  );
  expect(names('GET /api/v1/nodes/:node/inventory')).toEqual(['path node']);
  expect(routes.get('POST /api/v1/sql')?.requestBody?.content['application/json']?.schema).toMatchObject({
    type: 'object',
    required: ['sql'],
    properties: { maxRows: { maximum: 100_000 } },
  });
});

test('who may call a route is what the route asks for', async () => {
  const { call, createToken, routes } = await described();
  const viewer = { authorization: `Bearer ${await createToken({ kind: 'api', role: 'viewer', name: 'looker' })}` };
  for (const [route, { security, responses }] of routes) {
    const [method = '', path = ''] = route.split(' ');
    const at = path.replace(/:\w+/g, 'abcdefgh').replace('*', 'x');
    const nobody = await call(method, at);
    expect(nobody.status === 401, `${route} without proof: ${nobody.status}`).toBe(security.length > 0);
    if (security.length === 0 || route === 'GET /api/v1/logs/tail') continue;
    const looker = await call(method, at, { headers: viewer, ...(method === 'POST' && { body: {} }) });
    const mayNot = looker.status === 403 || (looker.status === 400 && responses['403'] !== undefined);
    expect(mayNot, `${route} for a viewer: ${looker.status}`).toBe(responses['403'] !== undefined);
  }
});

test('what routes answer is as described', async () => {
  const { call, asAdministrator, enrollNode, routes } = await described();
  await enrollNode('n1');
  for (const [path, answer] of [
    ['/api/v1/nodes', answers.NodeList],
    ['/api/v1/audit', answers.AuditEntries],
    ['/api/v1/session', answers.SessionInfo],
    ['/api/v1/health', answers.Health],
    ['/api/v1/alerts', answers.AlertList],
  ] as const) {
    const { json } = await call('GET', path, { headers: asAdministrator });
    expect([...Value.Errors(answer, json)], path).toEqual([]);
  }
  const refused = await call('GET', '/api/v1/logs?limit=0', { headers: asAdministrator });
  expect([refused.status, Value.Check(answers.ApiError, refused.json)]).toEqual([400, true]);
  expect(routes.get('GET /api/v1/logs')?.responses['400']).toBeDefined();
});

test('the description is for people of the site only', async () => {
  const { call } = await site();
  expect((await call('GET', '/api/v1/openapi.json')).status).toBe(401);
});
