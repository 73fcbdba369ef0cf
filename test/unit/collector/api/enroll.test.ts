import { createPrivateKey, X509Certificate } from 'node:crypto';
import { expect, test } from 'vitest';
import { signEnrollment } from '../../../../protocol/enrollment-proof.ts';
import { parseEnrollmentToken } from '../../../../protocol/enrollment-token.ts';
import { makeRequest, makeRsaRequest, type Site, startSite } from './site.ts';

const enrollBody = (token: string, csr: string, more: Record<string, unknown> = {}) => ({
  body: { token, csr, hostName: 'Alpha.Site', os: 'TestOS 1', version: '0.0.1', ...more },
});
const events = (site: Site) => site.audit.list({ limit: 100 }).map((entry) => entry.event);

test('a token and a request become a node whose certificate opens the node routes', async () => {
  const site = await startSite();
  const token = parseEnrollmentToken(await site.createToken({ kind: 'enroll' }));
  expect(token.caFingerprint).toBe(site.authority.fingerprint);

  const ca = await site.call('GET', '/api/v1/ca');
  expect(ca.status).toBe(200);
  expect(new X509Certificate(ca.body).fingerprint256.replaceAll(':', '').toLowerCase()).toBe(token.caFingerprint);

  const { csr, key } = await makeRequest();
  const answer = await site.call('POST', '/api/v1/enroll', enrollBody(token.secret, csr));
  expect(answer.status).toBe(200);
  expect(answer.json.node).toBe('alpha.site');
  expect(answer.json.ca).toBe(ca.body);

  const certificate = new X509Certificate(answer.json.certificate);
  expect(certificate.subject).toBe('CN=alpha.site');
  expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2']);
  expect(certificate.subjectAltName).toBeUndefined();
  expect(certificate.ca).toBe(false);
  expect(certificate.verify(new X509Certificate(ca.body).publicKey)).toBe(true);

  const renewed = await site.call('POST', '/agent/v1/renew', {
    body: { csr: (await makeRequest()).csr },
    cert: answer.json.certificate,
    key,
  });
  expect(renewed.status).toBe(200);
  expect(new X509Certificate(renewed.json.certificate).subject).toBe('CN=alpha.site');
  expect(events(site)).toEqual(expect.arrayContaining(['token.created', 'node.enrolled', 'node.certificate-renewed']));
});

test('a used token is refused and says so', async () => {
  const site = await startSite();
  const token = await site.enrollmentSecret();
  const first = await makeRequest();
  expect((await site.call('POST', '/api/v1/enroll', enrollBody(token, first.csr))).status).toBe(200);
  const again = await site.call('POST', '/api/v1/enroll', enrollBody(token, (await makeRequest()).csr));
  expect(again.status).toBe(403);
  expect(again.json.error).toMatchObject({ code: 'SX_ENROLLMENT_TOKEN', message: 'the enrolment token is used' });
  expect(site.registry.list()).toHaveLength(1);
  expect(events(site)).toContain('node.enrollment-refused');
});

test('an expired token is refused and says so', async () => {
  const site = await startSite();
  const token = await site.enrollmentSecret();
  site.clock.offsetMs = 3_600_001;
  const answer = await site.call('POST', '/api/v1/enroll', enrollBody(token, (await makeRequest()).csr));
  expect(answer.status).toBe(403);
  expect(answer.json.error.message).toBe('the enrolment token is expired');
});

test('an unknown token, and one of another kind, is refused', async () => {
  const site = await startSite();
  const { csr } = await makeRequest();
  for (const token of ['A'.repeat(43), await site.createToken({ kind: 'signin' })]) {
    const answer = await site.call('POST', '/api/v1/enroll', enrollBody(token, csr));
    expect(answer.status).toBe(403);
    expect(answer.json.error.message).toBe('the enrolment token is unknown');
  }
  expect(site.registry.list()).toEqual([]);
});

test('a request that is not usable does not spend the token', async () => {
  const site = await startSite();
  const token = await site.enrollmentSecret();
  const good = await makeRequest();
  const lines = good.csr.split('\n');
  const body = Buffer.from(lines.slice(1, -1).join(''), 'base64');
  body[body.length - 1] = (body[body.length - 1] ?? 0) ^ 1;
  const badSignature = `-----BEGIN CERTIFICATE REQUEST-----\n${body.toString('base64')}\n-----END CERTIFICATE REQUEST-----`;
  for (const csr of ['nonsense', badSignature, await makeRsaRequest(), `${good.csr}${' '.repeat(9000)}`]) {
    const answer = await site.call('POST', '/api/v1/enroll', enrollBody(token, csr));
    expect(answer.status).toBe(400);
    expect(answer.json.error.code).toBe('SX_BAD_REQUEST');
  }
  expect((await site.call('POST', '/api/v1/enroll', enrollBody(token, good.csr))).status).toBe(200);
});

test('a missing field is named', async () => {
  const site = await startSite();
  const answer = await site.call('POST', '/api/v1/enroll', { body: { token: 'x', csr: 'x', os: 'x', version: 'x' } });
  expect(answer.status).toBe(400);
  expect(answer.json.error.message).toMatch(/hostName/);
});

test('of many that use one token at the same time exactly one gets a certificate', async () => {
  const site = await startSite();
  const token = await site.enrollmentSecret();
  const requests = await Promise.all(Array.from({ length: 8 }, makeRequest));
  const answers = await Promise.all(
    requests.map(({ csr }, index) =>
      site.call('POST', '/api/v1/enroll', enrollBody(token, csr, { hostName: `host${index}` })),
    ),
  );
  expect(answers.map((answer) => answer.status).sort()).toEqual([200, ...Array(7).fill(403)]);
  expect(site.registry.list()).toHaveLength(1);
  expect(site.state.database.prepare('SELECT count(*) AS n FROM certificates').get()?.n).toBe(1);
});

test('hosts of the same name become different nodes, also when they enrol at the same time', async () => {
  const site = await startSite();
  const nodes = await Promise.all(Array.from({ length: 4 }, () => site.enrollNode('HV 01!')));
  expect(nodes.map(({ node }) => node).sort()).toEqual(['hv-01', 'hv-01-2', 'hv-01-3', 'hv-01-4']);
});

test('a node that proves who it is enrols again under its name, also when its certificate has expired; nobody else does', async () => {
  const site = await startSite();
  const first = await site.enrollNode('web');
  const enrol = async (
    by: { cert: string; key: string },
    node = 'web',
    change: (csr: string) => string = (csr) => csr,
  ) => {
    const { csr, key } = await makeRequest();
    const token = await site.enrollmentSecret();
    const signature = signEnrollment(createPrivateKey(by.key), { token, csr: change(csr) });
    const body = enrollBody(token, csr, { node, proof: { certificate: by.cert, signature } });
    const { status, json } = await site.call('POST', '/api/v1/enroll', body);
    expect(status).toBe(200);
    return { node: json.node, cert: json.certificate, key };
  };
  const second = await enrol(first);
  expect(second.node).toBe('web');
  expect(site.registry.list()).toMatchObject([{ node: 'web', hostName: 'Alpha.Site' }]);
  expect(site.audit.list({ limit: 1 })).toMatchObject([
    { event: 'node.enrolled', who: 'web', details: { again: true } },
  ]);
  site.clock.offsetMs = 400 * 86_400_000;
  expect((await enrol(second)).node, 'expired').toBe('web');
  expect((await enrol(second, 'api')).node, 'told another name').toBe('api');
  // Another key, another node, another request, no certificate at all.
  const other = await site.enrollNode('other');
  expect((await enrol({ ...second, key: other.key })).node).toBe('web-2');
  expect((await enrol(other)).node).toBe('web-3');
  expect((await enrol(second, 'web', (csr) => `${csr} `)).node).toBe('web-4');
  expect((await enrol({ ...second, cert: 'none' })).node).toBe('web-5');
  // Who was revoked is let in by a token, and not as who it was.
  site.certificates.revoke('web', 'lost');
  expect((await enrol(second)).node).toBe('web-6');
});

test('an enrolment that cannot be written down leaves the token unspent', async () => {
  const site = await startSite();
  const token = await site.enrollmentSecret();
  site.state.database.exec(
    "CREATE TRIGGER full BEFORE INSERT ON certificates BEGIN SELECT RAISE(ABORT, 'disk full'); END",
  );
  const failed = await site.call('POST', '/api/v1/enroll', enrollBody(token, (await makeRequest()).csr));
  expect(failed.status).toBe(500);
  expect(failed.json.error.code).toBe('SX_INTERNAL');
  expect(failed.body).not.toMatch(/disk full/);
  site.state.database.exec('DROP TRIGGER full');
  expect((await site.call('POST', '/api/v1/enroll', enrollBody(token, (await makeRequest()).csr))).status).toBe(200);
});
