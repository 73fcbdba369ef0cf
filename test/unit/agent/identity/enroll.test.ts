import { X509Certificate } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { enroll } from '../../../../agent/identity/enroll.ts';
import { identityFolder, isEnrolled, loadIdentity } from '../../../../agent/identity/identity.ts';
import { createCollectorClient } from '../../../../agent/uplink/client.ts';
import { isSignedEnrollment } from '../../../../protocol/enrollment-proof.ts';
import { formatEnrollmentToken } from '../../../../protocol/enrollment-token.ts';
import { createTestAuthority, type TestAuthority } from '../uplink/test-authority.ts';
import { createTestCollector, type TestCollector } from '../uplink/test-collector.ts';

const secret = 'A'.repeat(43);
let authority: TestAuthority;
let collector: TestCollector;
let dataDir: string;
let token: string;
let used: boolean;

const fingerprint = (pem: string) => new X509Certificate(pem).fingerprint256.replaceAll(':', '').toLowerCase();

beforeAll(async () => {
  authority = await createTestAuthority();
  token = formatEnrollmentToken({ caFingerprint: fingerprint(authority.ca), secret });
});
beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'sextant-enroll-'));
  collector = await createTestCollector(authority);
  used = false;
  collector.react = async ({ path, body }) => {
    if (path === '/api/v1/ca') return { status: 200, body: authority.ca };
    if (path !== '/api/v1/enroll') return undefined;
    const asked = JSON.parse(body.toString());
    if (used || asked.token !== secret) {
      const error = { code: 'SX_ENROLLMENT_TOKEN', message: 'this token was used already', nextStep: 'x' };
      return { status: 403, body: JSON.stringify({ error }) };
    }
    used = true;
    const certificate = await authority.sign(asked.csr, 'node-7');
    return { status: 200, body: JSON.stringify({ node: 'node-7', certificate, ca: authority.ca }) };
  };
});
afterEach(async () => {
  await collector.close();
  rmSync(dataDir, { recursive: true, force: true });
});

test('takes all that `sextant token create` prints for the token', async () => {
  const printed = `${token}\n\nFor one node, until 2026-11-29T15:44:18.349Z. On that node …\n`;
  await enroll({ dataDir, collectorUrl: collector.url, token: printed, node: 'node-7' });
  expect(loadIdentity(dataDir).node).toBe('node-7');
});

test('leaves an identity that the collector accepts, with every file private', async () => {
  await enroll({ dataDir, collectorUrl: collector.url, token, node: 'node-7' });
  const identity = loadIdentity(dataDir);
  expect(identity).toMatchObject({ node: 'node-7', collectorUrl: collector.url });
  const folder = identityFolder(dataDir);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  for (const name of readdirSync(folder)) expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
  const client = createCollectorClient({ collectorUrl: identity.collectorUrl, identity });
  const answer = await client.request('/v1/logs', { method: 'POST', body: Buffer.from('x') });
  client.close();
  expect(answer.status).toBe(400);
  expect(collector.requests.at(-1)?.node).toBe('node-7');
  expect(JSON.stringify(collector.requests.map(({ body }) => body.toString()))).not.toContain('PRIVATE KEY');
});

test('stops before it sends the token when the CA is not the one the token was made for', async () => {
  const other = formatEnrollmentToken({ caFingerprint: 'ab'.repeat(32), secret });
  await expect(enroll({ dataDir, collectorUrl: collector.url, token: other, node: '' })).rejects.toMatchObject({
    code: 'SX_ENROLLMENT_TOKEN',
  });
  expect(collector.requests.map(({ path }) => path)).toEqual(['/api/v1/ca']);
  expect(isEnrolled(dataDir)).toBe(false);
});

test('passes on why the collector refused, and leaves nothing behind', async () => {
  used = true;
  await expect(enroll({ dataDir, collectorUrl: collector.url, token, node: '' })).rejects.toMatchObject({
    code: 'SX_ENROLLMENT_TOKEN',
    message: 'this token was used already',
    nextStep: 'x',
  });
  expect(existsSync(identityFolder(dataDir))).toBe(false);
});

test('keeps an identity that is there, unless it is told to replace it', async () => {
  await enroll({ dataDir, collectorUrl: collector.url, token, node: '' });
  const before = readFileSync(join(identityFolder(dataDir), 'node.key'), 'utf8');
  used = false;
  await expect(enroll({ dataDir, collectorUrl: collector.url, token, node: '' })).rejects.toMatchObject({
    code: 'SX_BAD_REQUEST',
  });
  expect(loadIdentity(dataDir).key).toBe(before);
  await enroll({ dataDir, collectorUrl: collector.url, token, node: '', force: true });
  expect(loadIdentity(dataDir).key).not.toBe(before);
});

test('enrols again under the name that it has, unless it is told another, and proves who it was', async () => {
  await enroll({ dataDir, collectorUrl: collector.url, token, node: 'node-7' });
  const before = loadIdentity(dataDir);
  const asked = async (node: string) => {
    used = false;
    await enroll({ dataDir, collectorUrl: collector.url, token, node, force: true });
    return JSON.parse(String(collector.requests.findLast(({ path }) => path === '/api/v1/enroll')?.body));
  };
  const again = await asked('');
  expect(again.node).toBe('node-7');
  const { publicKey } = new X509Certificate(before.certificate);
  expect(again.proof.certificate).toBe(before.certificate);
  expect(isSignedEnrollment(publicKey, { token: secret, csr: again.csr, signature: again.proof.signature })).toBe(true);
  expect((await asked('other')).node).toBe('other');
  // Damaged: nothing is known of it but that it is to be replaced.
  writeFileSync(join(identityFolder(dataDir), 'node.key'), 'no key');
  const anew = await asked('');
  expect([anew.node, anew.proof]).toEqual([undefined, undefined]);
});

test('says that there is no collector when nobody answers', async () => {
  const url = collector.url;
  await collector.close();
  await expect(enroll({ dataDir, collectorUrl: url, token, node: '' })).rejects.toMatchObject({
    code: 'SX_NO_COLLECTOR',
  });
});

test('says what to do when no collector answers, and when the address is missing or no https', async () => {
  const { url } = collector;
  await collector.close();
  await expect(enroll({ dataDir, collectorUrl: url, token, node: '' })).rejects.toMatchObject({
    code: 'SX_NO_COLLECTOR',
    nextStep: expect.stringContaining('from this machine'),
  });
  await expect(enroll({ dataDir, collectorUrl: '', token, node: '' })).rejects.toMatchObject({
    code: 'SX_BAD_REQUEST',
    message: expect.stringContaining('none was given'),
    nextStep: expect.stringMatching(/--collector.*COLLECTOR_URL/),
  });
  await expect(enroll({ dataDir, collectorUrl: 'http://c:8443', token, node: '' })).rejects.toMatchObject({
    code: 'SX_BAD_REQUEST',
    nextStep: expect.stringContaining('--collector'),
  });
});

test('keeps the token unused when the identity cannot be written', async () => {
  const file = join(dataDir, 'file');
  writeFileSync(file, '');
  await expect(enroll({ dataDir: file, collectorUrl: collector.url, token, node: '' })).rejects.toMatchObject({
    code: 'SX_DATA_FOLDER',
  });
  expect(used).toBe(false);
  expect(collector.requests).toEqual([]);
});

test('an identity that cannot be read is not taken for one that is missing', async () => {
  await enroll({ dataDir, collectorUrl: collector.url, token, node: '' });
  // Another user's, for who is not root; a folder in place of the file is one that root cannot read either.
  const key = join(identityFolder(dataDir), 'node.key');
  rmSync(key);
  mkdirSync(key);
  expect(() => loadIdentity(dataDir)).toThrow(
    expect.objectContaining({ code: 'SX_DATA_FOLDER', nextStep: expect.stringContaining('administrator or root') }),
  );
  rmSync(identityFolder(dataDir), { recursive: true });
  expect(() => loadIdentity(dataDir)).toThrow(expect.objectContaining({ code: 'SX_CLIENT_CERTIFICATE' }));
});
