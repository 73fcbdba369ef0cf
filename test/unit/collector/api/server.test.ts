import { once } from 'node:events';
import { connect as connectPlain } from 'node:net';
import { Readable } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import type { FastifyPluginAsync } from 'fastify';
import { pino } from 'pino';
import { Type } from 'typebox';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { bundleScheduleRoutes } from '../../../../collector/api/bundle-schedule-routes.ts';
import { createServer } from '../../../../collector/api/server.ts';
import type { BundleSchedules } from '../../../../collector/bundles/bundle-schedules.ts';
import { SextantError } from '../../../../errors/sextant-error.ts';
import { silentLog, startSite } from './site.ts';

const parts: FastifyPluginAsync = async (app) => {
  app.get('/api/v1/fails', async () => {
    throw new Error('the secret path /etc/inside');
  });
  app.get('/api/v1/full', async () => {
    throw new SextantError('SX_DISK_FULL', '412 MiB free');
  });
  const querystring = Type.Object({ limit: Type.Integer({ minimum: 1 }) });
  app.get('/api/v1/limited', { schema: { querystring } }, async (request) => request.query);
  app.post('/api/v1/echo', async (request) => request.body);
  // Streams for as long as somebody listens.
  app.get('/api/v1/endless', async (_request, reply) =>
    reply.type('text/plain').send(
      new Readable({
        read() {
          setTimeout(() => this.push('line\n'), 5);
        },
      }),
    ),
  );
};

test('every answer carries the secure headers, and the API’s are not stored', async () => {
  const site = await startSite();
  for (const path of ['/api/v1/health', '/api/v1/nodes', '/nothing']) {
    const { headers } = await site.call('GET', path);
    expect(headers['content-security-policy']).toBe("default-src 'none'; frame-ancestors 'none'");
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['x-frame-options']).toBe('DENY');
    expect(headers['referrer-policy']).toBe('no-referrer');
    expect(headers.server).toBeUndefined();
  }
  expect((await site.call('GET', '/api/v1/health')).headers['cache-control']).toBe('no-store');
});

test('a failure is answered with its code and next step, an unknown one without internals', async () => {
  const site = await startSite({ plugins: [parts] });
  const headers = site.asAdministrator;
  const full = await site.call('GET', '/api/v1/full', { headers });
  expect(full.status).toBe(503);
  expect(full.json.error).toEqual({
    code: 'SX_DISK_FULL',
    message: '412 MiB free',
    nextStep: 'free space or lower retention',
  });
  const unknown = await site.call('GET', '/api/v1/fails', { headers });
  expect(unknown.status).toBe(500);
  expect(unknown.json.error.code).toBe('SX_INTERNAL');
  expect(unknown.body).not.toMatch(/etc/);
});

test('a wrong parameter is named, a missing page is a 404, broken JSON is a 400, a large body a 413', async () => {
  const site = await startSite({ plugins: [parts] });
  const headers = site.asAdministrator;
  const limited = await site.call('GET', '/api/v1/limited?limit=zero', { headers });
  expect(limited.status).toBe(400);
  expect(limited.json.error.message).toMatch(/querystring\.limit/);
  expect((await site.call('GET', '/api/v1/limited?limit=5', { headers })).json).toEqual({ limit: 5 });

  const missing = await site.call('GET', '/api/v1/nothing?token=abc', { headers });
  expect(missing.status).toBe(404);
  expect(missing.json.error.message).toBe('there is no GET /api/v1/nothing');

  const large = await site.call('POST', '/api/v1/echo', { headers, body: 'x'.repeat(1024 * 1024 + 1) });
  expect(large.status).toBe(413);
  expect(large.json.error.code).toBe('SX_TOO_LARGE');
});

test('a taken port is reported with address and port', async () => {
  const site = await startSite();
  const other = await createServer({
    tls: site.tls,
    log: silentLog,
    identify: {
      identifyNode: () => ({ kind: 'none' }) as never,
      identifySender: () => undefined,
      identifyUser: () => undefined,
      onNode: () => {},
    },
    plugins: [],
  });
  const failure = await other.listen({ host: '127.0.0.1', port: site.port }).catch((error) => error);
  expect(failure).toBeInstanceOf(SextantError);
  expect(failure.line()).toBe(
    `SX_PORT_TAKEN: port ${site.port} of 127.0.0.1 is in use by another program; free the port or choose another with --port`,
  );
  await other.close();
});

test('an address that this machine does not have is a fault of the configuration', async () => {
  const site = await startSite();
  const other = await createServer({
    tls: site.tls,
    log: silentLog,
    identify: {
      identifyNode: () => ({ kind: 'none' }) as never,
      identifySender: () => undefined,
      identifyUser: () => undefined,
      onNode: () => {},
    },
    plugins: [],
  });
  await expect(other.listen({ host: '192.0.2.1', port: 0 })).rejects.toThrow(/collector\.listen.*192\.0\.2\.1/);
  await other.close();
});

test('plain HTTP is never answered', async () => {
  const site = await startSite();
  const socket = connectPlain(site.port, '127.0.0.1');
  socket.on('error', () => {});
  const chunks: Buffer[] = [];
  socket.on('data', (chunk) => chunks.push(chunk));
  socket.write('GET /api/v1/health HTTP/1.1\r\nhost: localhost\r\n\r\n');
  await once(socket, 'close');
  expect(Buffer.concat(chunks).toString('latin1')).not.toMatch(/HTTP/);
});

test('what a schema does not take is told in words, never as a pattern', async () => {
  const site = await startSite({ plugins: [bundleScheduleRoutes({ schedules: {} as BundleSchedules })] });
  const said = async (method: string, path: string, body?: object) =>
    (await site.call(method, `/api/v1/${path}`, { body, headers: site.asAdministrator })).json.error.message;
  expect(await said('POST', 'bundle-schedules', { name: 'Every Night', cron: '0 3 * * *' })).toBe(
    'body.name must be made of a-z, 0-9 and hyphens, and begin with a letter or digit, with 64 characters at most',
  );
  expect(await said('POST', 'bundle-schedules', { name: 'a', cron: '0 3 * * *', preset: 'deeep' })).toBe(
    'body.preset must be one of quick, standard, deep',
  );
  expect(await said('DELETE', 'tokens/x')).toBe(
    'params.id must be an id of 16 characters of 0-9 and a-f, as the lists show it',
  );
  expect(await said('POST', 'tokens', { kind: 'root' })).toBe('body.kind must be one of enroll, signin, api, ingest');
});

test('what is no HTTP request gets a plain answer and is hung up on', async () => {
  const site = await startSite();
  const socket = connectTls({ host: '127.0.0.1', port: site.port, ca: site.authority.certificatePem }, () =>
    socket.write('GET / HTTP/1.1\r\ncontent-length: x\r\n\r\n'),
  );
  const chunks: Buffer[] = [];
  socket.on('data', (chunk) => chunks.push(chunk));
  await once(socket, 'close');
  expect(Buffer.concat(chunks).toString()).toMatch(/^HTTP\/1\.1 400 .*"SX_BAD_REQUEST"/s);
});

test('who says nothing for too long is hung up on without a word, who stops in the head of a request is told', async () => {
  const site = await startSite({ headersMs: 300 });
  const heardBy = async (words: string) => {
    const socket = connectTls({ host: '127.0.0.1', port: site.port, ca: site.authority.certificatePem }, () =>
      socket.write(words),
    );
    const chunks: Buffer[] = [];
    socket.on('data', (chunk) => chunks.push(chunk));
    await once(socket, 'close');
    return Buffer.concat(chunks).toString();
  };
  // A browser that opened the connection in advance would take any word for the answer to its first request.
  expect(await heardBy('')).toBe('');
  expect(await heardBy('GET / HT')).toMatch(/^HTTP\/1\.1 408 .*"the request did not come in time"/s);
  expect(await heardBy(`GET / HTTP/1.1\r\nx: ${'x'.repeat(20_000)}\r\n`)).toMatch(/^HTTP\/1\.1 431 /);
});

test('TLS 1.1 is not spoken, 1.2 and 1.3 are', async () => {
  const site = await startSite();
  const protocolOf = (version: 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3') =>
    new Promise((resolve) => {
      const socket = connectTls(
        {
          host: '127.0.0.1',
          port: site.port,
          ca: site.authority.certificatePem,
          minVersion: version,
          maxVersion: version,
        },
        () => {
          resolve(socket.getProtocol());
          socket.destroy();
        },
      );
      socket.on('error', () => resolve('refused'));
    });
  expect(await protocolOf('TLSv1.1')).toBe('refused');
  expect(await protocolOf('TLSv1.2')).toBe('TLSv1.2');
  expect(await protocolOf('TLSv1.3')).toBe('TLSv1.3');
});

test('a new certificate is used for new connections without a restart', async () => {
  const site = await startSite();
  const { openServerCertificate } = await import('../../../../collector/identity/server-certificate.ts');
  const next = await openServerCertificate(`${site.folder}/ca`, {
    authority: site.authority,
    names: ['localhost', '127.0.0.1', 'new.site'],
    nowMs: site.nowMs,
  });
  expect(next.renewedBecause).toBe('it lacked the name new.site');
  site.server.useCertificate({ ...next, authorityPem: site.authority.certificatePem });
  const answer = await site.call('GET', '/api/v1/health', { tls: { servername: 'new.site' } });
  expect(answer.status).toBe(200);
  // Client certificates are still asked for and believed.
  const { cert, key } = await site.enrollNode('alpha');
  expect((await site.call('POST', '/agent/v1/renew', { body: { csr: 'x' }, cert, key })).status).toBe(400);
});

test('closes in time with an idle socket, an open WebSocket, a running stream and a half-sent request', async () => {
  const site = await startSite({ plugins: [parts], drainMs: 300 });
  const { cert, key } = await site.enrollNode('alpha');
  const tls = { host: '127.0.0.1', port: site.port, ca: site.authority.certificatePem };

  const unfinishedHandshake = connectPlain(site.port, '127.0.0.1');
  const idle = connectTls(tls);
  const halfSent = connectTls(tls, () =>
    halfSent.write('POST /api/v1/session HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n'),
  );
  const stream = connectTls(tls, () =>
    stream.write(
      `GET /api/v1/endless HTTP/1.1\r\nhost: x\r\nauthorization: ${site.asAdministrator.authorization}\r\n\r\n`,
    ),
  );
  const sockets = [unfinishedHandshake, idle, halfSent, stream];
  for (const socket of sockets) socket.on('error', () => {});
  const control = new WebSocket(`wss://127.0.0.1:${site.port}/agent/v1/control`, {
    ca: site.authority.certificatePem,
    cert,
    key,
  });
  await Promise.all([once(control, 'open'), once(idle, 'secureConnect'), once(stream, 'data')]);

  const ended = sockets.map((each) => once(each, 'close'));
  const controlEnded = once(control, 'close');
  stream.resume();
  idle.resume();
  halfSent.resume();
  unfinishedHandshake.resume();
  const startedMs = performance.now();
  await site.close();
  expect(performance.now() - startedMs).toBeLessThan(2000);
  await Promise.all(ended);
  expect((await controlEnded)[0]).toBe(1001);
});

test('a request that is under way when the server closes is answered', async () => {
  const waiting: FastifyPluginAsync = async (app) => {
    app.get('/api/v1/slow', async () => {
      reached.resolve();
      await goOn.promise;
      return { done: true };
    });
  };
  const reached = Promise.withResolvers<void>();
  const goOn = Promise.withResolvers<void>();
  const site = await startSite({ plugins: [waiting], drainMs: 5000 });
  const answer = site.call('GET', '/api/v1/slow', { headers: site.asAdministrator });
  await reached.promise;
  const closed = site.close();
  goOn.resolve();
  expect((await answer).json).toEqual({ done: true });
  await closed;
});

test('a stranger who sends a body drop by drop is cut off, a user is not', async () => {
  const site = await startSite({ plugins: [parts], strangerBodyMs: 100 });
  const post = (path: string, header: string) => {
    const socket = connectTls({ host: '127.0.0.1', port: site.port, ca: site.authority.certificatePem }, () =>
      socket.write(
        `POST ${path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n${header}content-length: 13\r\n\r\n{`,
      ),
    );
    socket.on('error', () => {});
    return socket;
  };
  const user = post('/api/v1/echo', `authorization: ${site.asAdministrator.authorization}\r\n`);
  const stranger = post('/api/v1/enroll', '');
  stranger.resume();
  await once(stranger, 'close');
  user.write('"slow":true}');
  const [data] = await once(user, 'data');
  expect(String(data)).toMatch(/^HTTP\/1\.1 200 .*\{"slow":true\}$/s);
  user.destroy();
});

test('the audit trail can be read by administrators only', async () => {
  const site = await startSite();
  const viewer = await site.createToken({ kind: 'api', role: 'viewer', name: 'eve' });
  const denied = await site.call('GET', '/api/v1/audit', { headers: { authorization: `Bearer ${viewer}` } });
  expect(denied.status).toBe(403);
  const trail = await site.call('GET', '/api/v1/audit?limit=1', { headers: site.asAdministrator });
  expect(trail.json).toMatchObject([{ event: 'token.created', who: 'local', details: { kind: 'api', name: 'eve' } }]);
});

test('the log has each request’s path and never its query, its token or its cookie', async () => {
  const lines: string[] = [];
  const log = pino({ level: 'debug' }, { write: (line: string) => void lines.push(line) });
  const site = await startSite({ log });
  await site.call('GET', '/api/v1/nodes?secret=qq1', { headers: { ...site.asAdministrator, cookie: 'x=qq2' } });
  await site.call('POST', '/api/v1/session', { body: { token: 'qq3' } });
  const text = lines.join('');
  expect(text).toContain('"path":"/api/v1/nodes","status":200');
  expect(text).toContain('"path":"/api/v1/session","status":401');
  expect(text).not.toMatch(/qq|endpoint-json/);
});
