import { request } from 'node:https';
import { expect, test } from 'vitest';
import { makeRequest, type Site, startSite } from './site.ts';

/** A request whose headers are with the server and whose body is kept back. */
async function heldRequest(
  site: Site,
  path: string,
  body: object,
  options: { cert?: string; key?: string; headers?: Record<string, string> },
) {
  const text = JSON.stringify(body);
  const { cert, key } = options;
  const answer = Promise.withResolvers<{ status: number; body: string }>();
  const sent = request(
    {
      ...{ host: '127.0.0.1', port: site.port, method: 'POST', path, ca: site.authority.certificatePem, agent: false },
      ...(cert !== undefined && { cert, key }),
      headers: { 'content-type': 'application/json', 'content-length': text.length, ...options.headers },
    },
    async (response) => {
      let said = '';
      for await (const chunk of response) said += chunk;
      answer.resolve({ status: response.statusCode ?? 0, body: said });
    },
  );
  sent.on('error', answer.reject);
  const begun = Promise.withResolvers<void>();
  site.server.app.server.once('request', () => begun.resolve());
  sent.write(text.slice(0, 5));
  await begun.promise;
  return () => {
    sent.end(text.slice(5));
    return answer.promise;
  };
}

test('a node that is revoked while it sends a renewal gets no certificate', async () => {
  const site = await startSite();
  const { cert, key } = await site.enrollNode('alpha');
  const finish = await heldRequest(site, '/agent/v1/renew', { csr: (await makeRequest()).csr }, { cert, key });
  await site.call('POST', '/api/v1/nodes/alpha/revoke', { headers: site.asAdministrator });
  const answer = await finish();
  expect(answer.status).toBe(403);
  expect(answer.body).toMatch(/was revoked/);
  expect(site.certificates.isEnrolled('alpha')).toBe(false);
});

test('a node that is revoked while its new certificate is signed gets none', async () => {
  const site = await startSite();
  await site.enrollNode('alpha');
  const { csr } = await makeRequest();
  const renewing = site.desk.renew('alpha', csr);
  site.certificates.revoke('alpha', 'test');
  await expect(renewing).rejects.toMatchObject({ code: 'SX_CLIENT_CERTIFICATE' });
  expect(site.certificates.isEnrolled('alpha')).toBe(false);
});

test('a token that is revoked while it asks for another one gets none', async () => {
  const site = await startSite();
  const token = await site.createToken({ kind: 'api', name: 'thief' });
  const headers = { authorization: `Bearer ${token}` };
  const finish = await heldRequest(site, '/api/v1/tokens', { kind: 'api', name: 'another' }, { headers });
  const [entry] = site.tokens.list().filter((candidate) => candidate.name === 'thief');
  site.tokens.revoke(entry?.id ?? '');
  expect((await finish()).status).toBe(401);
  expect(site.tokens.list().map(({ name }) => name)).not.toContain('another');
});
