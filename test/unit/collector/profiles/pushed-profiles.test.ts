import { once } from 'node:events';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { openDocument } from '../../../../agent/profile/pushed/held.ts';
import { followKeys } from '../../../../agent/profile/pushed/key-chain.ts';
import { parsePublicKey } from '../../../../bundle/minisign-key.ts';
import { createProfileKeys } from '../../../../collector/profiles/profile-keys.ts';
import type { ProfileReport } from '../../../../protocol/control.ts';
import type { ProfilesAnswer } from '../../../../protocol/pushed-profile.ts';
import { patient } from '../../../patience.ts';
import { type Site, startSite } from '../api/site.ts';

const text = 'metrics: { interval: 1m }\n';
const day = 86_400_000;

async function site() {
  const started = await startSite();
  const n1 = await started.enrollNode('n1');
  const headers = started.asAdministrator;
  return {
    ...started,
    n1,
    push: (body: object) =>
      started.call('POST', '/api/v1/profiles', { body: { name: 'slow', text, ...body }, headers }),
    get: (path: string) => started.call('GET', `/api/v1/${path}`, { headers }),
    send: (method: string, path: string) => started.call(method, `/api/v1/${path}`, { headers }),
    offered: async (): Promise<ProfilesAnswer> =>
      (await started.call('GET', '/agent/v1/profiles', { cert: n1.cert, key: n1.key })).json,
  };
}

async function stream(at: Site, node: { cert: string; key: string }) {
  const socket = new WebSocket(`wss://127.0.0.1:${at.port}/agent/v1/control`, {
    ca: at.authority.certificatePem,
    cert: node.cert,
    key: node.key,
  });
  const tags: string[] = [];
  socket.on('message', (data) => {
    const message = JSON.parse(String(data));
    if (message.type === 'profiles') tags.push(message.tag);
  });
  await once(socket, 'open');
  return {
    tags,
    report: (profiles: ProfileReport['profiles'], roles?: string[]) =>
      socket.send(JSON.stringify({ type: 'profile-report', profiles, roles })),
  };
}

const contents = ({ keys, profiles }: ProfilesAnswer, believed: string) =>
  profiles.map((signed) => openDocument(signed, followKeys(believed, keys)));

test('a node is told the key when it enrols, and is sent what this key has signed', async () => {
  const { n1, push, offered, call, get, port: _, ...rest } = await site();
  expect(n1.profileKey).toBeDefined();
  const pushed = await push({ nodes: ['n1'], validForMs: day });
  expect(pushed).toMatchObject({ status: 201, json: { name: 'slow', version: 1, state: 'active', waiting: ['n1'] } });
  expect(contents(await offered(), n1.profileKey ?? '')).toEqual([
    expect.objectContaining({ name: 'slow', version: 1, nodes: ['n1'], text, withdrawn: false }),
  ]);
  expect((await call('GET', '/agent/v1/profiles', { headers: rest.asAdministrator })).status).toBe(403);
  const shown = (await get('profiles/slow')).json;
  expect(shown.text).toBe(text);
  openDocument(shown, parsePublicKey(n1.profileKey ?? ''));
});

test('the key is a file of its own that only its owner reads, and rotates with a vouching signature', async () => {
  const { n1, folder, offered, push, send } = await site();
  await push({});
  const file = join(folder, 'keys', 'profiles.key');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const first = (await send('POST', 'profile-key')).json;
  const second = (await send('POST', 'profile-key/rotate')).json;
  expect(second).toMatchObject({ earlier: [first.publicKey] });
  expect(second.keyId).not.toBe(first.keyId);
  expect(contents(await offered(), n1.profileKey ?? '')).toHaveLength(1);
  expect(contents(await offered(), second.publicKey)).toHaveLength(1);
  // A crash between chain and key: the old key holds on, as if nothing had happened.
  const keys = createProfileKeys(join(folder, 'keys'));
  const secret = readFileSync(file);
  keys.rotate();
  writeFileSync(file, secret);
  expect(
    createProfileKeys(join(folder, 'keys'))
      .chain()
      .map(({ publicKey }) => publicKey),
  ).toEqual([first.publicKey, second.publicKey]);
});

test('nodes hear of each change, versions only grow, and a withdrawal is a signed version of its own', async () => {
  const started = await site();
  const { n1, push, offered, send, get, clock } = started;
  const { tags } = await stream(started, n1);
  await vi.waitFor(() => expect(tags).toHaveLength(1), patient);
  await push({ validForMs: 30 * day });
  await push({ text: 'metrics: { interval: 2m }\n', validForMs: day });
  await vi.waitFor(() => expect(new Set(tags).size).toBe(3), patient);
  expect((await send('DELETE', 'profiles/slow')).json).toMatchObject({ version: 3, state: 'withdrawn' });
  expect((await send('DELETE', 'profiles/slow')).status).toBe(404);
  // For as long as a node that was away could believe the first version.
  clock.offsetMs = 29 * day;
  const sent = contents(await offered(), n1.profileKey ?? '');
  expect(sent).toMatchObject([{ version: 3, withdrawn: true, text: '' }]);
  clock.offsetMs = 31 * day;
  expect((await offered()).profiles).toEqual([]);
  expect((await get('profiles')).json.profiles).toMatchObject([{ version: 3, state: 'withdrawn' }]);
});

test('shows what became of it where, and goes on above what nodes hold after it was restored from a backup', async () => {
  const started = await site();
  const { n1, push, get, state } = started;
  const { report } = await stream(started, n1);
  await push({});
  await push({});
  report([
    { name: 'slow', version: 1, state: 'applied' },
    { name: 'slow', version: 2, state: 'refused', reason: 'because' },
  ]);
  await vi.waitFor(
    async () =>
      expect((await get('profiles')).json.profiles).toMatchObject([
        {
          outcomes: [
            { node: 'n1', version: 1, state: 'applied' },
            { node: 'n1', version: 2, state: 'refused', reason: 'because' },
          ],
          waiting: [],
        },
      ]),
    patient,
  );
  report([{ name: 'slow', version: 7, state: 'applied' }]);
  await vi.waitFor(async () => expect((await get('profiles')).json.profiles[0].outcomes[0]?.version).toBe(7), patient);
  state.database.exec('DELETE FROM pushed_profiles');
  expect((await push({})).json.version).toBe(8);
  // One node that lies does not use the numbers up.
  report([{ name: 'slow', version: 9e15, state: 'applied' }]);
  await vi.waitFor(
    async () => expect((await get('profiles')).json.profiles[0].outcomes[0]?.version).toBe(9e15),
    patient,
  );
  expect((await push({})).json.version).toBe(9);
  const audit = (await get('audit?limit=20')).json.map(({ event }: { event: string }) => event);
  expect(audit).toEqual(expect.arrayContaining(['profile.pushed', 'profile.refused']));
});

test('a role that no node has is refused with the roles that there are, unless it is insisted upon', async () => {
  const started = await site();
  const { n1, push, get } = started;
  const told = async (node: string) =>
    (await get('profiles')).json.nodes.find((each: { node: string }) => each.node === node)?.roles;
  // As long as a node has not said what it has, nobody can know.
  expect((await push({ roles: ['linux'] })).json).toMatchObject({ version: 1, rolesWithoutNode: ['linux'] });
  const first = await stream(started, n1);
  first.report([], ['linux', 'sql-server']);
  await vi.waitFor(async () => expect(await told('n1')).toEqual(['linux', 'sql-server']), patient);
  expect((await push({ roles: ['sql-server'] })).json).toMatchObject({ version: 2, rolesWithoutNode: [] });
  const refused = await push({ roles: ['linux', 'sql-srever'] });
  expect(refused).toMatchObject({ status: 404, json: { error: { code: 'SX_NOT_FOUND' } } });
  expect(refused.json.error.message).toBe('no node has the role sql-srever; nodes have linux, sql-server');
  expect(refused.json.error.nextStep).toContain('--force');
  expect((await push({ roles: ['exchange'], force: true })).json).toMatchObject({
    version: 3,
    rolesWithoutNode: ['exchange'],
  });
  // An agent from before roles were told may have any.
  const second = await stream(started, await started.enrollNode('n2'));
  second.report([]);
  await vi.waitFor(async () => expect(await told('n2')).toBeNull(), patient);
  expect((await push({ roles: ['sql-srever'] })).json).toMatchObject({ rolesWithoutNode: ['sql-srever'] });
});

test('takes no text with a fault, no unknown node, no unusable name; and from administrators alone', async () => {
  const { push, call, createToken } = await site();
  const faulty = await push({ text: 'metrics: { intervall: 1m }' });
  expect(faulty).toMatchObject({ status: 400, json: { error: { code: 'SX_PROFILE_INVALID' } } });
  expect(faulty.json.error.message).toContain('slow:1: metrics.intervall');
  expect((await push({ text: 'include: linux' })).json.error.code).toBe('SX_PROFILE_INVALID');
  expect((await push({ nodes: ['n9'] })).json.error).toMatchObject({ code: 'SX_NOT_FOUND' });
  expect((await push({ name: '../x' })).status).toBe(400);
  expect((await push({ text: 'x'.repeat(70_000) })).status).toBe(400);
  const viewer = { authorization: `Bearer ${await createToken({ kind: 'api', role: 'viewer' })}` };
  expect((await call('POST', '/api/v1/profiles', { body: { name: 'a', text }, headers: viewer })).status).toBe(403);
  expect((await call('POST', '/api/v1/profile-key/rotate', { headers: viewer })).status).toBe(403);
  expect((await call('GET', '/api/v1/profiles', { headers: viewer })).status).toBe(200);
});
