import { Agent } from 'node:https';
import type { FastifyPluginAsync } from 'fastify';
import { expect, test } from 'vitest';
import { makeStranger, startSite } from './site.ts';

const ingest: FastifyPluginAsync = async (app) => {
  app.post('/v1/logs', { preHandler: app.requireNode }, async (request) => request.identity);
};
const nodePaths = ['/v1/logs', '/agent/v1/renew'];

test('a node’s certificate opens its routes and tells who it is', async () => {
  const site = await startSite({ plugins: [ingest] });
  const { cert, key, node } = await site.enrollNode('alpha');
  const answer = await site.call('POST', '/v1/logs', { body: {}, cert, key });
  expect(answer.status).toBe(200);
  expect(answer.json).toMatchObject({ kind: 'node', node });
});

test('no client certificate: refused on every node route, in Protobuf where OTLP is spoken', async () => {
  const site = await startSite({ plugins: [ingest] });
  const otlp = await site.call('POST', '/v1/logs');
  expect(otlp.status).toBe(403);
  expect(otlp.headers['content-type']).toBe('application/x-protobuf');
  expect(otlp.body.charCodeAt(0)).toBe(0x12);
  expect(otlp.body).toMatch(/SX_CLIENT_CERTIFICATE: no client certificate was presented/);

  const agent = await site.call('POST', '/agent/v1/renew', { body: { csr: 'x' } });
  expect(agent.status).toBe(403);
  expect(agent.json.error.code).toBe('SX_CLIENT_CERTIFICATE');
  // Also where there is no route: a stranger learns nothing.
  expect((await site.call('GET', '/agent/v1/nothing')).status).toBe(403);
});

test('a certificate of another authority is refused, even with a known name in it', async () => {
  const site = await startSite({ plugins: [ingest] });
  await site.enrollNode('alpha');
  const stranger = await makeStranger();
  for (const path of nodePaths) {
    const answer = await site.call('POST', path, { body: { csr: 'x' }, ...stranger });
    expect(answer.status).toBe(403);
    expect(answer.body).toMatch(/not accepted/);
  }
});

test('a certificate of our authority that state.db does not know is refused', async () => {
  const site = await startSite({ plugins: [ingest] });
  const { cert, key } = await site.enrollNode('alpha');
  site.state.database.exec('DELETE FROM certificates');
  const answer = await site.call('POST', '/v1/logs', { body: {}, cert, key });
  expect(answer.status).toBe(403);
  expect(answer.body).toMatch(/not one of an enrolled node/);
});

test('the server’s own certificate is no client certificate', async () => {
  const site = await startSite({ plugins: [ingest] });
  const answer = await site.call('POST', '/v1/logs', { body: {}, cert: site.tls.chainPem, key: site.tls.keyPem });
  expect(answer.status).toBe(403);
});

test('a revoked certificate is refused, other nodes go on', async () => {
  const site = await startSite({ plugins: [ingest] });
  const alpha = await site.enrollNode('alpha');
  const beta = await site.enrollNode('beta');
  const revoked = await site.call('POST', '/api/v1/nodes/alpha/revoke', { headers: site.asAdministrator });
  expect(revoked.status).toBe(204);
  for (const path of nodePaths) {
    const answer = await site.call('POST', path, { body: { csr: 'x' }, cert: alpha.cert, key: alpha.key });
    expect(answer.status).toBe(403);
    expect(answer.body).toMatch(/was revoked/);
  }
  expect((await site.call('POST', '/v1/logs', { body: {}, cert: beta.cert, key: beta.key })).status).toBe(200);
  expect(site.audit.list({ limit: 1 })[0]).toMatchObject({ event: 'node.revoked', who: 'local' });
});

test('an expired certificate is refused by our own clock too', async () => {
  const site = await startSite({ plugins: [ingest] });
  const { cert, key } = await site.enrollNode('alpha');
  site.clock.offsetMs = 366 * 86_400_000;
  const answer = await site.call('POST', '/v1/logs', { body: {}, cert, key });
  expect(answer.status).toBe(403);
  expect(answer.body).toMatch(/has expired/);
});

test('a node’s certificate opens no user route and a user’s token no node route', async () => {
  const site = await startSite({ plugins: [ingest] });
  const { cert, key } = await site.enrollNode('alpha');
  for (const path of ['/api/v1/nodes', '/api/v1/session', '/api/v1/nothing']) {
    const answer = await site.call('GET', path, { cert, key });
    expect(answer.status).toBe(401);
    expect(answer.json.error.code).toBe('SX_UNAUTHENTICATED');
  }
  const otlp = await site.call('POST', '/v1/logs', { body: {}, headers: site.asAdministrator });
  expect(otlp.status).toBe(401);
  expect(otlp.json.message).toMatch(/no token for sending telemetry/);
});

test('an encoded path leads past no check', async () => {
  const site = await startSite();
  expect((await site.call('GET', '/%61pi/v1/nodes')).status).toBe(401);
  expect((await site.call('GET', '/api%2Fv1/nodes')).status).toBe(404);
  expect((await site.call('GET', '//api/v1/nodes')).status).toBe(404);
});

test('a node that asks is a node that was seen', async () => {
  const site = await startSite({ plugins: [ingest] });
  const { cert, key } = await site.enrollNode('alpha');
  expect(site.registry.list()[0]?.state).toBe('never-seen');
  await site.call('POST', '/v1/logs', { body: {}, cert, key });
  expect(site.registry.list()[0]?.state).toBe('online');
});

test('a resumed TLS session proves the same node, and a revocation ends it too', async () => {
  const site = await startSite({ plugins: [ingest] });
  const { cert, key, node } = await site.enrollNode('alpha');
  const agent = new Agent({ keepAlive: false, minVersion: 'TLSv1.3' });
  const reused: boolean[] = [];
  const post = () =>
    site.call('POST', '/v1/logs', {
      body: {},
      cert,
      key,
      tls: { agent },
      onSocket: (socket) => socket.once('secureConnect', () => reused.push(socket.isSessionReused())),
    });
  expect((await post()).json).toMatchObject({ node });
  expect((await post()).json).toMatchObject({ node });
  expect(reused).toEqual([false, true]);
  await site.call('POST', '/api/v1/nodes/alpha/revoke', { headers: site.asAdministrator });
  expect((await post()).status).toBe(403);
  agent.destroy();
});
