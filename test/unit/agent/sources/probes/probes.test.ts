import { execFile, execFileSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer as createPlainServer, type Server as PlainServer } from 'node:http';
import { createServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createFileQuestions } from '../../../../../agent/filesystems/file-questions.ts';
import { siteNames } from '../../../../../agent/profile/addresses.ts';
import { loadProfile } from '../../../../../agent/profile/load.ts';
import { type Profile, profileDefaults } from '../../../../../agent/profile/profile.ts';
import { createProgramQueue } from '../../../../../agent/programs/program-queue.ts';
import { createOpenQuestions } from '../../../../../agent/sources/open-questions.ts';
import type { LocalState } from '../../../../../agent/sources/probes/local-state.ts';
import { createLinuxState, parseUnits } from '../../../../../agent/sources/probes/local-state-linux.ts';
import type { ProbeResult } from '../../../../../agent/sources/probes/probe.ts';
import { probesOf } from '../../../../../agent/sources/probes/probes-of.ts';
import { createFill, missingNames } from '../../../../../agent/sources/probes/site-names.ts';
import { createProbesSource } from '../../../../../agent/sources/probes/source.ts';
import { patient } from '../../../../patience.ts';
import { createRecordingPipeline } from '../recording-pipeline.ts';
import { createSourceContext } from '../source-context.ts';
import { createTestCertificates, type TestCertificates } from '../test-certificates.ts';

type Section = Profile['probes'];
const defaults = (profileDefaults as Profile).probes;
const signal = AbortSignal.timeout(120_000);
const day = 86_400;

let folder: string;
let certificates: TestCertificates;
const servers: (Server | PlainServer)[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sx-probes-'));
  certificates = await createTestCertificates(folder);
});
afterAll(() => {
  for (const server of servers) {
    if ('closeAllConnections' in server) server.closeAllConnections();
    server.close();
  }
  rmSync(folder, { recursive: true, force: true });
});

async function listen(server: Server | PlainServer): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

type Pair = { key: string; cert: string };
const serve = (pair: Pair, status = 200, options: object = {}, body = 'ok') =>
  listen(
    createServer({ ...pair, ...options }, (_request, response) => {
      response.writeHead(status, { location: 'https://elsewhere.example/' });
      response.end(body);
    }) as unknown as Server,
  );

const nothing: LocalState = {
  services: async () => undefined,
  processes: async () => new Map(),
  certificates: async () => undefined,
};

const fileQuestions = createFileQuestions({ most: 4 });
let questions = createOpenQuestions({ patienceMs: 5_000 });
async function look(section: Partial<Section>, localState = nothing): Promise<ProbeResult | undefined> {
  const all = { ...defaults, enabled: true, ca: certificates.authorityFile, ...section };
  const [probe] = probesOf(all, { localState, questions, fileQuestions, nowMs: Date.now });
  return probe?.look(signal);
}
const valuesOf = (result: ProbeResult | undefined, metric: string) =>
  (result?.samples ?? []).filter((sample) => sample.metric === metric);

describe('https', () => {
  const web = (port: number, over: Partial<Section['https'][number]> = {}) =>
    look({ https: [{ name: 'portal', url: `https://localhost:${port}/x?y=1`, ...over }] });

  test('tells status, time and days left of an endpoint that is right', async () => {
    const result = await web(await serve(certificates.good));
    expect(result).toMatchObject({ up: true });
    expect(
      valuesOf(result, 'httpcheck.status').map(({ value, attributes }) => [value, attributes?.['http.status_class']]),
    ).toEqual([
      [0, '1xx'],
      [1, '2xx'],
      [0, '3xx'],
      [0, '4xx'],
      [0, '5xx'],
    ]);
    const [left] = valuesOf(result, 'tlscheck.time_left');
    expect(left?.value).toBeGreaterThan(19 * day);
    expect(left?.value).toBeLessThanOrEqual(20 * day);
    expect(left?.attributes).toMatchObject({
      'tlscheck.x509.cn': 'localhost',
      'tlscheck.x509.issuer': 'Test Site CA',
      'tlscheck.chain.position': 0,
    });
    expect(valuesOf(result, 'httpcheck.duration')[0]?.value).toBeGreaterThan(0);
  });

  test('a pipe in the place of an authority is no file, and holds up nothing', async () => {
    const pipe = join(folder, 'ca-pipe');
    execFileSync('mkfifo', [pipe]);
    const port = await serve(certificates.good);
    for (const section of [
      { https: [{ name: 'portal', url: `https://localhost:${port}/`, ca: pipe }] },
      { ca: pipe, tcp: [{ name: 'ldaps', host: 'localhost', port, tls: true }] },
      { ca: pipe, revocationLists: [{ name: 'crl', url: `http://localhost:${port}/` }] },
    ]) {
      const detail = `authorities ${pipe}: it is not a regular file; name another file in the profile`;
      expect(await look(section)).toMatchObject({ up: false, detail });
    }
  });

  test.each([
    ['expired', 'tls_expired', -1],
    ['wrongName', 'tls_wrong_name', 20],
    ['selfSigned', 'tls_self_signed', 20],
    ['untrusted', 'tls_incomplete_chain', 20],
  ] as const)('names the trouble of a certificate that is %s, and still tells its days', async (which, type, days) => {
    const result = await web(await serve(certificates[which]));
    expect(result).toMatchObject({ up: false, errorType: type });
    expect(result?.detail).toContain('is not to be trusted');
    expect(Math.round((valuesOf(result, 'tlscheck.time_left')[0]?.value ?? 0) / day)).toBe(days);
    expect(valuesOf(result, 'httpcheck.status')).toHaveLength(5);
  });

  test('a redirect is an answer and is not followed; a 503 is none unless it is expected', async () => {
    expect(await web(await serve(certificates.good, 302))).toMatchObject({ up: true });
    const port = await serve(certificates.good, 503);
    expect(await web(port)).toMatchObject({ up: false, errorType: 'status_503' });
    expect(await web(port, { expect: ['2xx', '503'] })).toMatchObject({ up: true });
  });

  test('a server that offers another protocol, and one that breaks off, are answers', async () => {
    const say = (text: string) =>
      listen(
        createTcpServer((socket) => void socket.on('error', () => undefined).once('data', () => socket.end(text))),
      );
    const plain = async (text: string) =>
      look({ timeout: 2_000, https: [{ name: 'p', url: `http://localhost:${await say(text)}/` }] });
    const upgrade = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n';
    expect(await plain(upgrade)).toMatchObject({ up: false, errorType: 'status_101' });
    expect(await plain('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf')).toMatchObject({ up: false });
    expect(await plain('\0\x01garbage\r\n\r\n')).toMatchObject({ up: false });
  });

  test('names a port that refuses, a name that does not exist, and a server that says nothing', async () => {
    const port = await listen(createTcpServer((socket) => socket.on('error', () => undefined)));
    const url = `https://localhost:${port}/`;
    const silent = await look({ timeout: 300, https: [{ name: 'silent', url }] });
    expect(silent).toMatchObject({ up: false, errorType: 'timeout' });
    const closed = servers.pop();
    (closed as Server).close();
    expect(await web(port)).toMatchObject({ up: false, errorType: 'refused' });
    const unknown = await look({ https: [{ name: 'unknown', url: 'https://name.invalid/' }] });
    expect(['name_not_found', 'dns_failed']).toContain(unknown?.errorType);
  });

  test('a server that speaks no TLS is named, and plain HTTP has no certificate', async () => {
    const port = await listen(createPlainServer((_request, response) => response.end('plain')));
    expect(await web(port)).toMatchObject({
      up: false,
      errorType: 'tls_handshake',
      detail: 'TLS: wrong version number',
    });
    const plain = await look({ https: [{ name: 'plain', url: `http://localhost:${port}/` }] });
    expect(plain).toMatchObject({ up: true });
    expect(valuesOf(plain, 'tlscheck.time_left')).toEqual([]);
  });

  test('a TLS server that speaks no HTTP is looked at for its certificate alone', async () => {
    const tlsServer = async (pair: Pair) => {
      const server = createTlsServer(pair, (socket) => socket.on('error', () => undefined));
      return listen(server as unknown as PlainServer);
    };
    const good = await tlsServer(certificates.good);
    const result = await look({ tcp: [{ name: 'ldaps', host: 'localhost', port: good, tls: true }] });
    expect(result).toMatchObject({ up: true });
    expect(valuesOf(result, 'tlscheck.time_left')[0]?.value).toBeGreaterThan(day);
    expect(valuesOf(result, 'tcpcheck.status').map(({ value }) => value)).toEqual([1]);
    const expired = await tlsServer(certificates.expired);
    const bad = await look({ tcp: [{ name: 'ldaps', host: 'localhost', port: expired, tls: true }] });
    expect(bad).toMatchObject({ up: false, errorType: 'tls_expired' });
    expect(valuesOf(bad, 'tlscheck.time_left')[0]?.value).toBeLessThan(0);
    expect(await look({ tcp: [{ name: 'ldaps', host: 'localhost', port: 1, tls: true }] })).toMatchObject({
      up: false,
      errorType: 'refused',
    });
  });

  test('fills in the suffix of the site', async () => {
    const port = await serve(certificates.good);
    const result = await look({ suffix: `localhost:${port}`, https: [{ name: 'portal', url: 'https://{suffix}/' }] });
    expect(result).toMatchObject({ up: true });
  });

  test('looks at what has a name of its own once the site has said it', async () => {
    const port = await serve(certificates.good);
    const https = [{ name: 'key vault', url: 'https://{vault}.{suffix}/' }];
    expect(await look({ suffix: 'example', https })).toBeUndefined();
    const names = { ...defaults.names, vault: 'localhost' };
    expect(await look({ suffix: '', names, https: [{ name: 'v', url: `https://{vault}:${port}/` }] })).toMatchObject({
      up: true,
    });
    expect(missingNames({ ...defaults, https })).toEqual(['vault']);
    expect(missingNames({ ...defaults, https, names })).toEqual([]);
  });

  test('every service of the control plane has a probe, or waits for a name', () => {
    const { probes } = loadProfile({ names: ['control-plane'] }).profile;
    const names = Object.fromEntries(siteNames.map((name) => [name, 'one'])) as Section['names'];
    const looked = (section: Section) =>
      probesOf(section, { localState: nothing, questions, fileQuestions, nowMs: Date.now }).filter(
        ({ kind }) => kind === 'https',
      ).length;
    expect(missingNames(probes)).toEqual([...siteNames]);
    expect(looked({ ...probes, names }) - looked(probes)).toBe(siteNames.length);
    for (const { url } of probes.https)
      expect(new URL(createFill({ ...probes, names }).fill(url)).pathname).toMatch(/^\//);
  });
});

describe('control plane', () => {
  const ready = (over: object) =>
    JSON.stringify({ SystemReady: true, Services: 100, Diagnostics: 100, Identity: 50, Networking: '100', ...over });

  async function control(pair: Pair, body: string) {
    const files = { clientCertificate: join(folder, 'client.pem'), clientKey: join(folder, 'client.key') };
    writeFileSync(files.clientCertificate, certificates.client.cert);
    writeFileSync(files.clientKey, certificates.client.key);
    const mutual = { requestCert: true, rejectUnauthorized: true, ca: certificates.client.cert };
    const options = { ...mutual, ca: (await import('node:fs')).readFileSync(certificates.authorityFile) };
    const port = await serve(pair, 200, options, body);
    return look({ controlPlane: { url: `https://localhost:${port}`, ...files } });
  }

  test('reads its readiness with the client certificate', async () => {
    const result = await control(certificates.good, ready({}));
    expect(result).toMatchObject({ up: true });
    expect(valuesOf(result, 'azurelocal.control_plane.ready')).toMatchObject([{ value: 1 }]);
    expect(
      valuesOf(result, 'azurelocal.control_plane.readiness').map(({ value, attributes }) => [
        attributes?.['azurelocal.control_plane.part'],
        value,
      ]),
    ).toEqual([
      ['Services', 1],
      ['Diagnostics', 1],
      ['Identity', 0.5],
      ['Networking', 1],
    ]);
  });

  test('tells why it is not ready, also when the parts lie in an object of their own', async () => {
    const body = JSON.stringify({
      SystemReady: false,
      ReadinessStatusDetails: { Services: 80 },
      ErrorMessages: ['service X is starting', 'service Y is down'],
    });
    const result = await control(certificates.good, body);
    expect(result).toMatchObject({
      up: false,
      errorType: 'not_ready',
      detail: 'service X is starting; service Y is down',
    });
    expect(valuesOf(result, 'azurelocal.control_plane.readiness')).toMatchObject([{ value: 0.8 }]);
  });

  test('does not show who it is to a server that is not trusted, and understands no other answer', async () => {
    const result = await control(certificates.untrusted, ready({}));
    expect(result).toMatchObject({ up: false, errorType: 'tls_incomplete_chain' });
    expect(valuesOf(result, 'azurelocal.control_plane.ready')).toEqual([]);
    expect(await control(certificates.good, '<html>')).toMatchObject({ up: false, errorType: 'unexpected_answer' });
  });
});

test('tcp: a port that takes connections, and one that does not', async () => {
  const server = createTcpServer((socket) => socket.on('error', () => undefined));
  const port = await listen(server);
  const tcp = { name: 'ldaps', host: '127.0.0.1', port };
  expect(await look({ tcp: [tcp] })).toMatchObject({ up: true });
  await new Promise((resolve) => server.close(resolve));
  const closed = await look({ tcp: [tcp] });
  expect(closed).toMatchObject({ up: false, errorType: 'refused' });
  expect(valuesOf(closed, 'tcpcheck.status')).toMatchObject([{ value: 0 }]);
});

test('dns: a server that answers nothing is named', async () => {
  const dns = { name: 'ad', query: 'dc.{suffix}', type: 'A', server: '127.0.0.1:1' } as const;
  const result = await look({ timeout: 500, dns: [dns] });
  expect(result?.up).toBe(false);
  expect(['refused', 'timeout']).toContain(result?.errorType);
});

test('file age: the newest of the globs counts; none is named', async () => {
  const file = { name: 'backup', files: [join(folder, 'backup-*.bak')], maxAge: 60_000 };
  expect(await look({ files: [file] })).toMatchObject({ up: false, errorType: 'no_file' });
  for (const [name, ageSeconds] of [
    ['backup-1.bak', 500],
    ['backup-2.bak', 30],
  ] as const) {
    writeFileSync(join(folder, name), 'x');
    const at = Date.now() / 1000 - ageSeconds;
    utimesSync(join(folder, name), at, at);
  }
  const fresh = await look({ files: [file] });
  expect(fresh).toMatchObject({ up: true });
  expect(valuesOf(fresh, 'sextant.probe.file.age')[0]?.attributes).toEqual({
    'file.path': join(folder, 'backup-2.bak'),
  });
  expect(await look({ files: [{ ...file, maxAge: 10_000 }] })).toMatchObject({ up: false, errorType: 'too_old' });
});

test('certificates in files: each of a bundle, and the one that has expired is named', async () => {
  writeFileSync(join(folder, 'site.crt'), `${certificates.good.cert}\n${certificates.client.cert}\n`);
  writeFileSync(join(folder, 'junk.crt'), 'no certificate');
  const probe = { name: 'site', files: [join(folder, '*.crt')] };
  const good = await look({ certificates: [probe] });
  expect(good).toMatchObject({ up: true });
  expect(valuesOf(good, 'tlscheck.time_left').map(({ attributes }) => attributes?.['tlscheck.x509.cn'])).toEqual([
    'localhost',
    'operator',
  ]);
  writeFileSync(join(folder, 'old.crt'), certificates.expired.cert);
  expect(await look({ certificates: [probe] })).toMatchObject({ up: false, errorType: 'tls_expired' });
});

test('a file that never answers is named, and does not hold up the probe', async () => {
  const silent = join(folder, 'silent.crt');
  execFileSync('mkfifo', [silent]);
  questions = createOpenQuestions({ patienceMs: 1_000 });
  expect(await look({ certificates: [{ name: 'site', files: [silent] }] })).toEqual({
    up: false,
    errorType: 'timeout',
    detail: `no answer from ${silent}`,
  });
  closeSync(openSync(silent, constants.O_WRONLY | constants.O_NONBLOCK));
  await vi.waitFor(() => expect(questions.hanging()).toEqual([]), patient);
});

test('many files that never answer hold two threads, and the probe says which is first', async () => {
  const silent = Array.from({ length: 6 }, (_, number) => join(folder, `silent-${number}.crt`));
  for (const path of silent) execFileSync('mkfifo', [path]);
  questions = createOpenQuestions({ patienceMs: 1_000 });
  expect(await look({ certificates: [{ name: 'site', files: [join(folder, 'silent-*.crt')] }] })).toEqual({
    up: false,
    errorType: 'timeout',
    detail: `no answer from ${silent[0]}`,
  });
  expect(questions.hanging()).toHaveLength(2);
  const writers = silent.slice(0, 2).map((path) => openSync(path, constants.O_RDWR | constants.O_NONBLOCK));
  for (const writer of writers) closeSync(writer);
  await vi.waitFor(() => expect(questions.hanging()).toEqual([]), patient);
});

test('certificates in a store of Windows', async () => {
  const stored = [
    { subject: 'CN=host', issuer: 'CN=CA', thumbprint: 'AB', beginsMs: 1, expiresMs: Date.now() + 5 * day * 1000 },
  ];
  const state = { ...nothing, certificates: async () => stored };
  const result = await look({ certificates: [{ name: 'host', store: 'LocalMachine\\My' }] }, state);
  expect(result).toMatchObject({ up: true });
  expect(valuesOf(result, 'tlscheck.time_left')[0]?.attributes).toMatchObject({
    'tlscheck.target': 'LocalMachine\\My\\AB',
  });
});

test('revocation lists: in time, overdue, and something else', async () => {
  const bodies: Record<string, Buffer> = {
    '/ok': certificates.crl,
    '/late': certificates.overdueCrl,
    '/no': Buffer.from('x'),
  };
  const port = await listen(createPlainServer((request, response) => response.end(bodies[request.url ?? ''])));
  const list = (path: string) => look({ revocationLists: [{ name: 'ca', url: `http://127.0.0.1:${port}${path}` }] });
  const good = await list('/ok');
  expect(good).toMatchObject({ up: true });
  expect(Math.round((valuesOf(good, 'sextant.probe.crl.time_left')[0]?.value ?? 0) / day)).toBe(1);
  expect(await list('/late')).toMatchObject({ up: false, errorType: 'crl_expired' });
  expect(await list('/no')).toMatchObject({ up: false, errorType: 'no_revocation_list' });
});

// This process has loaded the library's own needs, to make certificates with; an agent that has long been enrolled has not.
test('reads a revocation list in a process that has read none before', async () => {
  const port = await listen(createPlainServer((_request, response) => response.end(certificates.crl)));
  const module = new URL('../../../../../agent/sources/probes/revocation-list.ts', import.meta.url);
  const script = `
    const { createSecureContext } = await import('node:tls');
    const { probeRevocationList } = await import('${module}');
    const options = { trust: createSecureContext, timeoutMs: 20_000, nowMs: Date.now };
    const result = await probeRevocationList('http://127.0.0.1:${port}/', options, AbortSignal.timeout(60_000));
    console.log(JSON.stringify(result));`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script]);
  expect(JSON.parse(stdout)).toMatchObject({ up: true });
}, 60_000);

describe('services and processes', () => {
  test('reads the states of systemd units in the order of the names', () => {
    const text =
      'LoadState=loaded\nActiveState=active\nNames=ssh.service\n\nLoadState=not-found\nActiveState=inactive\n\nLoadState=loaded\nActiveState=failed\n';
    expect([...parseUnits(text, ['ssh', 'nope', 'broken'])]).toEqual([
      ['ssh', 'running'],
      ['nope', 'not_found'],
      ['broken', 'failed'],
    ]);
  });

  test('counts processes of a name by the kernel’s own list', async () => {
    const state = createLinuxState(createProgramQueue());
    const counts = await state.processes(['node', 'no-such-program'], signal);
    expect(counts.get('node')).toBeGreaterThan(0);
    expect(counts.get('no-such-program')).toBe(0);
    const probe = { name: 'node', process: 'node', atLeast: 100_000 };
    expect(await look({ processes: [probe] }, state)).toMatchObject({ up: false, errorType: 'too_few' });
  });

  test('a service that is not running is named with what it is; without a service manager nothing is said', async () => {
    const services = [{ name: 'cluster', service: 'ClusSvc' }];
    const stopped = { ...nothing, services: async () => new Map([['ClusSvc', 'stopped']]) };
    expect(await look({ services }, stopped)).toMatchObject({ up: false, errorType: 'stopped' });
    expect(await look({ services })).toBeUndefined();
  });
});

test('the source reports each probe and tells in a log record when what it sees changes', async () => {
  const file = join(folder, 'heartbeat');
  writeFileSync(file, 'x');
  const pipeline = createRecordingPipeline();
  const probes = {
    ...defaults,
    enabled: true,
    every: 20,
    files: [{ name: 'heartbeat', files: [file], maxAge: 3_600_000 }],
  };
  const { context, reported } = createSourceContext({ logs: pipeline.pipeline, profile: { probes } });
  const source = createProbesSource(context, { placeOf: () => 0 });
  await source.start();
  const up = (value: number) =>
    vi.waitFor(() => expect(reported.filter(({ metric }) => metric === 'sextant.probe.up').at(-1)?.value).toBe(value), {
      timeout: 30_000,
    });
  await up(1);
  rmSync(file);
  await up(0);
  writeFileSync(file, 'x');
  await up(1);
  await vi.waitFor(
    () =>
      expect(pipeline.records.map(({ eventName }) => eventName)).toEqual([
        'sextant.probe.failed',
        'sextant.probe.recovered',
      ]),
    { timeout: 30_000 },
  );
  expect(pipeline.records[0]).toMatchObject({
    severityText: 'WARN',
    attributes: { 'sextant.probe.name': 'heartbeat', 'sextant.probe.kind': 'file', 'error.type': 'no_file' },
  });
  expect(source.health()).toMatchObject({ state: 'running' });
  await source.close();
});
