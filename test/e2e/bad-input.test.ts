import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { patient } from '../patience.ts';
import { run, type Site, sextant, startSite, temporaryFolder } from './running-site.ts';
import { ask, nodeCredentials } from './site-requests.ts';

const { folder, remove } = temporaryFolder();
const dataDir = join(folder, 'data');
const requestBytes = 64 * 1024;
let site: Site;

beforeAll(async () => {
  mkdirSync(dataDir);
  writeFileSync(join(dataDir, 'sextant.yaml'), 'collector.limits.requestBytes: 64KiB\nagent.batch.maxBytes: 16KiB\n');
  site = await startSite(dataDir);
});

afterAll(async () => {
  await site?.stop();
  remove();
});

const protobuf = { 'content-type': 'application/x-protobuf' };

/** An OTLP logs request with one record whose body is the text, written by hand so that nothing of ours vouches for it. */
function logsRequest(text: string): Buffer {
  const field = (number: number, content: Buffer): Buffer =>
    Buffer.concat([Buffer.from([(number << 3) | 2]), varint(content.length), content]);
  const time = Buffer.alloc(9);
  time[0] = (1 << 3) | 1;
  time.writeBigUInt64LE(BigInt(Date.now()) * 1_000_000n, 1);
  const body = field(5, field(1, Buffer.from(text)));
  return field(1, field(2, field(2, Buffer.concat([time, body]))));
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (; value > 127; value = Math.floor(value / 128)) bytes.push((value % 128) | 128);
  return Buffer.from([...bytes, value]);
}

const post = (send: Uint8Array, more: object = {}) =>
  ask(dataDir, `${site.url}/v1/logs`, {
    method: 'POST',
    headers: protobuf,
    ...nodeCredentials(dataDir),
    send,
    ...more,
  });

test('stores a well-formed request of an enrolled node', async () => {
  expect((await post(logsRequest('well formed'))).status).toBe(200);
  await vi.waitFor(
    async () =>
      expect((await site.sextant('logs', '--since', '1h', '--grep', 'well formed')).stdout).toContain('well formed'),
    patient,
  );
});

test('answers 400 to malformed Protobuf and stores nothing of it', async () => {
  const whole = logsRequest('cut off in the middle');
  expect((await post(whole.subarray(0, whole.length - 3))).status).toBe(400);
  expect((await post(Buffer.from('this is no Protobuf'))).status).toBe(400);
  expect((await site.sextant('logs', '--since', '1h', '--grep', 'cut off')).stdout).toBe('');
});

test('answers 413 to a request beyond the limit', async () => {
  expect((await post(logsRequest('x'.repeat(requestBytes + 1)))).status).toBe(413);
});

test('refuses a request without a client certificate', async () => {
  const answer = await ask(dataDir, `${site.url}/v1/logs`, {
    method: 'POST',
    headers: protobuf,
    send: logsRequest('who?'),
  });
  expect(answer.status).toBe(403);
  expect((await site.sextant('logs', '--since', '1h', '--grep', 'who?')).stdout).toBe('');
});

test('refuses a client certificate that is not of this site', async () => {
  const key = join(folder, 'stranger.key');
  const cert = join(folder, 'stranger.crt');
  await run([
    ...['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '1'],
    ...['-subj', '/CN=stranger', '-keyout', key, '-out', cert],
  ]);
  const refused = post(logsRequest('stranger'), { key: readFileSync(key), cert: readFileSync(cert) }).then(
    (answer) => answer.status,
    (error: NodeJS.ErrnoException) => error.code,
  );
  expect([403, 'ECONNRESET', 'ERR_SSL_TLSV1_ALERT_UNKNOWN_CA']).toContain(await refused);
  expect((await site.sextant('logs', '--since', '1h', '--grep', 'stranger')).stdout).toBe('');
});

test('refuses an API request without a token', async () => {
  expect((await ask(dataDir, `${site.url}/api/v1/nodes`)).status).toBe(401);
});

test('refuses an enrolment token the second time', async () => {
  const { token } = JSON.parse((await site.sextant('token', 'create', '--json')).stdout);
  expect(await enroll(token, 'first')).toMatchObject({ code: 0 });
  const { code, stderr } = await enroll(token, 'second');
  expect(code).toBe(1);
  expect(stderr).toMatch(/^SX_ENROLLMENT_TOKEN: .*used/);
  expect(existsSync(join(folder, 'second', 'agent', 'identity'))).toBe(false);
});

test('refuses an expired enrolment token', async () => {
  const { token, expiresAt } = JSON.parse((await site.sextant('token', 'create', '--ttl', '1s', '--json')).stdout);
  await vi.waitFor(() => expect(Date.now()).toBeGreaterThan(Date.parse(expiresAt)), { timeout: 5000 });
  expect((await enroll(token, 'late')).stderr).toMatch(/^SX_ENROLLMENT_TOKEN: .*expired/);
});

test('refuses a token of another authority, and text that is no token', async () => {
  const { token } = JSON.parse((await site.sextant('token', 'create', '--json')).stdout);
  const foreign = token.replace(/^sxe1\.[0-9a-f]{64}/, `sxe1.${'0'.repeat(64)}`);
  expect((await enroll(foreign, 'foreign')).stderr).toMatch(/^SX_ENROLLMENT_TOKEN: .* is not the collector/);
  expect((await enroll('letmein', 'guess')).stderr).toMatch(/^SX_ENROLLMENT_TOKEN: /);
});

const enroll = (token: string, name: string) =>
  sextant(['agent', 'enroll', '--collector', site.url, '--token', token, '--data-dir', join(folder, name)]);

test('reports all faults of a configuration at once, with file and line, and makes nothing', async () => {
  const config = join(folder, 'broken.yaml');
  writeFileSync(config, 'collector:\n  port: many\n  prot: 1\nagent.metrics.interval: 5 parsecs\n');
  const unmade = join(folder, 'unmade');
  const { code, stderr } = await sextant(['up', '--data-dir', unmade, '--config', config]);
  expect(code).toBe(2);
  expect(stderr).toMatch(/^SX_CONFIG_INVALID: /);
  for (const line of [2, 3, 4]) expect(stderr).toContain(`${config}:${line}: `);
  expect(existsSync(unmade)).toBe(false);
});

test('says that a data folder cannot be written', async () => {
  const file = join(folder, 'a-file');
  writeFileSync(file, '');
  // Root may write anywhere but below a file, or where the kernel alone writes.
  for (const place of [join(file, 'data'), '/proc/sextant']) {
    const { code, stderr } = await sextant(['up', '--data-dir', place, '--port', '0']);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^SX_DATA_FOLDER: cannot use the data folder /);
  }
});

test('refuses a folder that holds other things', async () => {
  const home = join(folder, 'home');
  mkdirSync(home);
  writeFileSync(join(home, 'letter.txt'), 'dear …');
  const { code, stderr } = await sextant(['up', '--data-dir', home, '--port', '0']);
  expect(code).toBe(2);
  expect(stderr).toContain('letter.txt');
  expect(readdirSync(home)).toEqual(['letter.txt']);
});

test('says that a port is taken, and makes nothing', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const unmade = join(folder, 'unmade');
  const { code, stderr } = await sextant(['up', '--data-dir', unmade, '--port', String(port)]);
  server.close();
  expect(code).toBe(2);
  expect(stderr).toMatch(new RegExp(`^SX_PORT_TAKEN: port ${port} on 127.0.0.1 is taken`));
  expect(existsSync(unmade)).toBe(false);
});

test.each([
  [['logs', '--limit', 'many'], /error: option '--limit <number>' argument 'many' is invalid/],
  [['up', '--port', '70000'], /A port is a number from 0 to 65535/],
  [['frobnicate'], /unknown command 'frobnicate'/],
  [['logs', '--sinse', '5m'], /unknown option '--sinse'/],
])('explains a wrong call: %s', async (args, message) => {
  const { code, stderr } = await sextant(args);
  expect(code).toBe(2);
  expect(stderr).toMatch(message);
});

test('says how to start a collector when none runs', async () => {
  const { code, stderr } = await sextant(['nodes', '--data-dir', join(folder, 'unmade')]);
  expect(code).toBe(1);
  expect(stderr).toMatch(/^SX_NO_COLLECTOR: .*\n {2}→ start it with `npm start`/);
});
