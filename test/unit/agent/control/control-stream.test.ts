import { pino } from 'pino';
import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { type ControlStream, createControlStream } from '../../../../agent/control/link.ts';
import type { CollectorMessage } from '../../../../protocol/control.ts';
import { createTestAuthority, type TestAuthority } from '../uplink/test-authority.ts';
import { createTestCollector, type TestCollector } from '../uplink/test-collector.ts';
import { addTestControl, type TestControl } from '../uplink/test-control.ts';

const log = pino({ level: 'silent' });
const patient = { timeout: 20_000, interval: 10 };
let authority: TestAuthority;
let collector: TestCollector;
let control: TestControl;
let stream: ControlStream;
let received: CollectorMessage[];

beforeAll(async () => {
  authority = await createTestAuthority();
});
beforeEach(async () => {
  collector = await createTestCollector(authority);
  control = addTestControl(collector);
  stream = createControlStream(
    { identity: await authority.identity('node-1', collector.url), collectorUrl: collector.url, log },
    { maxBackoffMs: 20 },
  );
  received = [];
  stream.onMessage((message) => received.push(message));
});
afterEach(async () => {
  await stream.close();
  await collector.close();
});
const connected = () => vi.waitFor(() => expect(stream.connected()).toBe(true), patient);
const cancel = (bundleId: string): CollectorMessage => ({ type: 'gather-cancel', bundleId });

test('hands on every message, also when one part fails at it', async () => {
  stream.onMessage(() => {
    throw new Error('one part fails');
  });
  const second: CollectorMessage[] = [];
  stream.onMessage((message) => second.push(message));
  stream.start();
  await connected();
  control.send(cancel('a'));
  control.send(cancel('b'));
  await vi.waitFor(() => expect(second).toEqual([cancel('a'), cancel('b')]), patient);
  expect(received).toEqual(second);
});

test('says whether a message could be handed over', async () => {
  expect(stream.send({ type: 'inventory', collectedUnixMs: 1, facts: {} })).toBe(false);
  stream.start();
  await connected();
  expect(stream.send({ type: 'inventory', collectedUnixMs: 1, facts: {} })).toBe(true);
  await vi.waitFor(() => expect(control.messages).toHaveLength(1), patient);
});

test('ends a connection that does not follow the protocol, and dials again', async () => {
  stream.start();
  await connected();
  const [first] = control.sockets;
  control.send({ type: 'self-destruct' });
  await vi.waitFor(() => {
    expect(control.sockets.size).toBe(1);
    expect(control.sockets.has(first as never)).toBe(false);
  }, patient);
  expect(received).toEqual([]);
});

test('dials again with the new certificate after a renewal', async () => {
  stream.start();
  await connected();
  const [first] = control.sockets;
  stream.useIdentity(await authority.identity('node-1', collector.url));
  await vi.waitFor(() => {
    expect(stream.connected()).toBe(true);
    expect(control.sockets.has(first as never)).toBe(false);
  }, patient);
});

test('does not open a stream to a collector of another authority', async () => {
  const stranger = await createTestCollector(await createTestAuthority());
  const strange = addTestControl(stranger);
  const fooled = createControlStream(
    { identity: await authority.identity('node-1', stranger.url), collectorUrl: stranger.url, log },
    { maxBackoffMs: 20 },
  );
  const refused = new Promise((resolve) => stranger.server.once('tlsClientError', resolve));
  fooled.start();
  await refused;
  expect(strange.sockets.size).toBe(0);
  await fooled.close();
  await stranger.close();
});
