import { expect, test } from 'vitest';
import { hashSecret } from '../../../../collector/identity/secret.ts';
import { type Answer, type Site, startSite } from './site.ts';

const signIn = (site: Site, token: string) => site.call('POST', '/api/v1/session', { body: { token } });
const cookieOf = (answer: Answer) => String(answer.headers['set-cookie']).split(';', 1)[0] ?? '';

test('a sign-in link opens one session, once', async () => {
  const site = await startSite();
  const token = await site.createToken({ kind: 'signin' });
  const first = await signIn(site, token);
  expect(first.status).toBe(200);
  expect(first.json).toEqual({ user: 'administrator', role: 'administrator', site: 'test', version: '0' });

  const second = await signIn(site, token);
  expect(second.status).toBe(401);
  expect(second.json.error).toMatchObject({ code: 'SX_UNAUTHENTICATED', message: 'the sign-in link is used' });
  expect(second.headers['set-cookie']).toBeUndefined();

  const session = await site.call('GET', '/api/v1/session', { headers: { cookie: cookieOf(first) } });
  expect(session.json.user).toBe('administrator');
  expect(site.audit.list({ limit: 2 }).map(({ event }) => event)).toEqual(['session.refused', 'session.opened']);
});

test('a sign-in link works for 15 minutes', async () => {
  const site = await startSite();
  const token = await site.createToken({ kind: 'signin' });
  site.clock.offsetMs = 15 * 60_000 + 1;
  expect((await signIn(site, token)).json.error.message).toBe('the sign-in link is expired');
});

test('an enrolment token signs nobody in', async () => {
  const site = await startSite();
  expect((await signIn(site, await site.enrollmentSecret())).status).toBe(401);
});

test('the cookie is out of reach of scripts, other sites and plain HTTP, and ends after 12 hours', async () => {
  const site = await startSite();
  const answer = await signIn(site, await site.createToken({ kind: 'signin' }));
  const cookie = String(answer.headers['set-cookie']);
  for (const attribute of ['HttpOnly', 'Secure', 'SameSite=Strict', 'Path=/', 'Max-Age=43200']) {
    expect(cookie).toContain(attribute);
  }
  site.clock.offsetMs = 12 * 3_600_000 + 1;
  const late = await site.call('GET', '/api/v1/session', { headers: { cookie: cookieOf(answer) } });
  expect(late.status).toBe(401);
});

test('neither sessions nor tokens are stored in the clear', async () => {
  const site = await startSite();
  const token = await site.createToken({ kind: 'signin' });
  const cookie = cookieOf(await signIn(site, token)).split('=')[1] ?? '';
  const stored = JSON.stringify([
    site.state.database.prepare('SELECT * FROM tokens').all(),
    site.state.database.prepare('SELECT * FROM sessions').all(),
    site.state.database.prepare('SELECT * FROM audit').all(),
  ]);
  expect(stored).not.toContain(token);
  expect(stored).not.toContain(cookie);
  expect(stored).toContain(hashSecret(token));
  expect(stored).toContain(hashSecret(cookie));
});

test('a change with a cookie needs proof that our own page sent it', async () => {
  const site = await startSite();
  const cookie = cookieOf(await signIn(site, await site.createToken({ kind: 'signin' })));
  const create = (headers: Record<string, string>) =>
    site.call('POST', '/api/v1/tokens', { body: { kind: 'enroll' }, headers: { cookie, ...headers } });

  expect((await create({})).json.error.code).toBe('SX_FORBIDDEN');
  expect((await create({ origin: 'https://evil.example' })).status).toBe(403);
  expect((await create({ origin: 'null' })).status).toBe(403);
  expect((await create({ 'sextant-csrf': '1' })).status).toBe(201);
  expect((await create({ origin: `https://127.0.0.1:${site.port}` })).status).toBe(201);
});

test('a form of another site cannot post', async () => {
  const site = await startSite();
  const answer = await site.call('POST', '/api/v1/session', {
    headers: { 'content-type': 'text/plain' },
    body: { token: 'x' },
  });
  expect(answer.status).toBe(400);
});

test('signing out ends the session', async () => {
  const site = await startSite();
  const cookie = cookieOf(await signIn(site, await site.createToken({ kind: 'signin' })));
  const out = await site.call('DELETE', '/api/v1/session', { headers: { cookie, 'sextant-csrf': '1' } });
  expect(out.status).toBe(204);
  expect((await site.call('GET', '/api/v1/session', { headers: { cookie } })).status).toBe(401);
});

test('a session outlives a restart of the part that keeps it', async () => {
  const site = await startSite();
  const cookie = cookieOf(await signIn(site, await site.createToken({ kind: 'signin' })));
  const { createSessions } = await import('../../../../collector/identity/sessions.ts');
  const again = createSessions(site.state, { nowMs: site.nowMs });
  expect(again.find(cookie.split('=')[1] ?? '')).toEqual({ user: 'administrator', role: 'administrator' });
});

test('an API token with the viewer’s role reads and makes no tokens', async () => {
  const site = await startSite();
  const token = await site.createToken({ kind: 'api', name: 'grafana', role: 'viewer' });
  const headers = { authorization: `Bearer ${token}` };
  expect((await site.call('GET', '/api/v1/nodes', { headers })).status).toBe(200);
  expect((await site.call('GET', '/api/v1/session', { headers })).json).toMatchObject({
    user: 'grafana',
    role: 'viewer',
  });
  const denied = await site.call('POST', '/api/v1/tokens', { body: { kind: 'enroll' }, headers });
  expect(denied.status).toBe(403);
  expect(denied.json.error.code).toBe('SX_FORBIDDEN');
  expect((await site.call('POST', '/api/v1/nodes/alpha/revoke', { headers })).status).toBe(403);
});

test('too many tries from one address are slowed down', async () => {
  const site = await startSite();
  const statuses = [];
  for (let tries = 0; tries < 31; tries += 1) statuses.push((await signIn(site, 'wrong')).status);
  expect(statuses.slice(0, 30)).toEqual(Array(30).fill(401));
  expect(statuses[30]).toBe(429);
});
