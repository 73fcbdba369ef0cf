import { on, once } from 'node:events';
import type { Socket } from 'node:net';
import { expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import type { AgentMessage } from '../../../../protocol/control.ts';
import { patient } from '../../../patience.ts';
import { type Site, startSite } from '../api/site.ts';

interface NodeCredentials {
  cert?: string;
  key?: string;
}

const dial = (site: Site, credentials: NodeCredentials, options: { autoPong?: boolean } = {}) =>
  new WebSocket(`wss://127.0.0.1:${site.port}/agent/v1/control`, {
    ca: site.authority.certificatePem,
    ...(credentials.cert === undefined ? {} : { cert: credentials.cert, key: credentials.key }),
    ...options,
  });

const dialled = async (site: Site, credentials: NodeCredentials, options = {}) => {
  const socket = dial(site, credentials, options);
  await once(socket, 'open');
  return socket;
};

/** The next message beside the notice of profiles, which every stream begins with. */
async function answerOf(socket: WebSocket) {
  for await (const [data] of on(socket, 'message')) {
    const message = JSON.parse(String(data));
    if (message.type !== 'profiles') return message;
  }
}

const hello: AgentMessage = {
  type: 'hello',
  version: '1.2.3',
  hostName: 'alpha.example',
  os: 'TestOS 2',
  bootUnixMs: 1,
};
const heartbeat: AgentMessage = {
  type: 'heartbeat',
  sentUnixMs: 42,
  clockOffsetMs: -7,
  spool: { bytes: 10, batches: 2, droppedRecords: 0 },
  sources: [{ name: 'files', state: 'running', records: 5, dropped: 0 }],
};

test('only a node with a certificate may open a control stream', async () => {
  const site = await startSite();
  const socket = dial(site, {});
  const [, response] = await once(socket, 'unexpected-response');
  expect(response.statusCode).toBe(403);
  socket.on('error', () => {});
  socket.terminate();
});

test('a heartbeat is answered with the collector’s time and shows in the registry', async () => {
  const site = await startSite();
  const node = await site.enrollNode('alpha');
  const socket = await dialled(site, node);
  socket.send(JSON.stringify(hello));
  const before = Date.now();
  socket.send(JSON.stringify(heartbeat));
  const reply = await answerOf(socket);
  expect(reply).toMatchObject({ type: 'heartbeat-reply', sentUnixMs: 42 });
  expect(reply.collectorUnixMs).toBeGreaterThanOrEqual(before);
  expect(site.registry.list()).toMatchObject([
    {
      node: 'alpha',
      os: 'TestOS 2',
      version: '1.2.3',
      hostName: 'alpha.example',
      state: 'online',
      clockOffsetMs: -7,
      spool: { bytes: 10, batches: 2, droppedRecords: 0 },
      sources: [{ name: 'files', state: 'running' }],
    },
  ]);
});

test('an inventory can be read through the API', async () => {
  const site = await startSite();
  const node = await site.enrollNode('alpha');
  const get = () => site.call('GET', '/api/v1/nodes/alpha/inventory', { headers: site.asAdministrator });
  expect((await get()).status).toBe(404);
  const socket = await dialled(site, node);
  socket.send(JSON.stringify({ type: 'inventory', collectedUnixMs: 1_700_000_000_000, facts: { cpu: { cores: 2 } } }));
  await vi.waitFor(async () => expect((await get()).status).toBe(200), patient);
  expect((await get()).json).toEqual({ collectedAt: '2023-11-14T22:13:20.000Z', facts: { cpu: { cores: 2 } } });
});

for (const [what, message] of [
  ['no JSON', 'hello'],
  ['an unknown type', '{"type":"format-disk"}'],
  ['a missing field', '{"type":"hello","version":"1"}'],
  ['a field of the wrong type', JSON.stringify({ ...heartbeat, sentUnixMs: 'now' })],
  ['a text that is too long', JSON.stringify({ ...hello, os: 'x'.repeat(256) })],
  ['a message of the collector', '{"type":"gather-cancel","bundleId":"b"}'],
  ['binary', Buffer.from(JSON.stringify(hello))],
] as const) {
  test(`a message that is ${what} ends the stream with 1008 and reaches nobody`, async () => {
    const site = await startSite();
    const received: AgentMessage[] = [];
    site.hub.onMessage((_node, heard) => received.push(heard));
    const socket = await dialled(site, await site.enrollNode('alpha'));
    socket.send(message);
    socket.send(JSON.stringify(hello));
    const [code] = await once(socket, 'close');
    expect(code).toBe(1008);
    expect(received).toEqual([]);
    expect(site.hub.connected()).toEqual([]);
  });
}

test('a message above 1 MiB ends the stream with 1009', async () => {
  const site = await startSite();
  const socket = await dialled(site, await site.enrollNode('alpha'));
  socket.on('error', () => {});
  // Its head alone says that it is too long: what nobody reads any more could tear the answer down with the connection.
  const { _socket: wire } = socket as unknown as { _socket: Socket };
  wire.write(Buffer.from([0x81, 0xff, 0, 0, 0, 0, 0, 0x10, 0, 0x01, 1, 2, 3, 4]));
  const [code] = await once(socket, 'close');
  expect(code).toBe(1009);
});

test('the hub sends to a node and hears from it by its proven name', async () => {
  const site = await startSite();
  const events: string[] = [];
  site.hub.onConnect((node) => events.push(`+${node}`));
  site.hub.onDisconnect((node) => events.push(`-${node}`));
  const forget = site.hub.onMessage((node, message) => events.push(`${node}:${message.type}`));
  expect(site.hub.send('alpha', { type: 'gather-cancel', bundleId: 'b' })).toBe(false);

  const socket = await dialled(site, await site.enrollNode('alpha'));
  await vi.waitFor(() => expect(site.hub.connected()).toEqual(['alpha']), patient);
  expect(site.hub.send('alpha', { type: 'gather-cancel', bundleId: 'b' })).toBe(true);
  expect(await answerOf(socket)).toEqual({ type: 'gather-cancel', bundleId: 'b' });

  socket.send(JSON.stringify(hello));
  await vi.waitFor(() => expect(events).toEqual(['+alpha', 'alpha:hello']), patient);
  forget();
  socket.close();
  await vi.waitFor(() => expect(events).toEqual(['+alpha', 'alpha:hello', '-alpha']), patient);
});

test('a newer connection of a node takes the place of the older one', async () => {
  const site = await startSite();
  const node = await site.enrollNode('alpha');
  const older = await dialled(site, node);
  const olderClosed = once(older, 'close');
  const newer = await dialled(site, node);
  const [code] = await olderClosed;
  expect(code).toBe(4001);
  expect(site.hub.connected()).toEqual(['alpha']);
  site.hub.send('alpha', { type: 'gather-cancel', bundleId: 'b' });
  const [data] = await once(newer, 'message');
  expect(String(data)).toContain('gather-cancel');
});

test('one handler’s failure keeps the message from nobody', async () => {
  const site = await startSite();
  const heard = vi.fn();
  site.hub.onMessage(() => {
    throw new Error('broken part');
  });
  site.hub.onMessage(heard);
  const socket = await dialled(site, await site.enrollNode('alpha'));
  socket.send(JSON.stringify(hello));
  await vi.waitFor(() => expect(heard).toHaveBeenCalledOnce(), patient);
});

test('a connection that answers no ping is cut off', async () => {
  const site = await startSite();
  const socket = await dialled(site, await site.enrollNode('alpha'), { autoPong: false });
  await once(socket, 'close');
  await vi.waitFor(() => expect(site.hub.connected()).toEqual([]), patient);
});

test('a connection that answers pings stays and keeps its node online', async () => {
  const site = await startSite();
  const socket = await dialled(site, await site.enrollNode('alpha'));
  let pings = 0;
  socket.on('ping', () => {
    pings += 1;
  });
  await vi.waitFor(() => expect(pings).toBeGreaterThan(6), patient);
  expect(site.hub.connected()).toEqual(['alpha']);
  expect(site.registry.list()[0]?.state).toBe('online');
});

test('revoking a node’s certificate ends its stream and lets it not come back', async () => {
  const site = await startSite();
  const node = await site.enrollNode('alpha');
  const socket = await dialled(site, node);
  await vi.waitFor(() => expect(site.hub.connected()).toEqual(['alpha']), patient);
  const closed = once(socket, 'close');
  await site.call('POST', '/api/v1/nodes/alpha/revoke', { headers: site.asAdministrator });
  expect((await closed)[0]).toBe(4003);
  const again = dial(site, node);
  again.on('error', () => {});
  const [, response] = await once(again, 'unexpected-response');
  expect(response.statusCode).toBe(403);
  again.terminate();
});
