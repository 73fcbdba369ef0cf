import { randomBytes, randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { IncomingBatch } from '../../../../../collector/journal/journal.ts';
import { createSyslogPeers } from '../../../../../collector/receive/syslog/peers.ts';
import { createSyslogReceiver } from '../../../../../collector/receive/syslog/syslog.ts';
import type { SettingName } from '../../../../../config/settings.ts';
import { SextantError } from '../../../../../errors/sextant-error.ts';
import { patient } from '../../../../patience.ts';
import { silentLog as log } from '../../api/site.ts';
import { settingsWith } from '../../journal/settings.ts';

/** Nobody is enrolled. */
const strangers = { certificates: { find: () => undefined }, nowMs: Date.now };
const tls = { chainPem: '', keyPem: '', authorityPem: '' };

/** A receiver before a journal that takes everything, unless told otherwise. */
async function openReceiver(changes: Partial<Record<SettingName, unknown>> = {}, peer = 'test=127.0.0.1') {
  const stored: IncomingBatch[] = [];
  const journal = {
    /** What happens to the next batches; removed to take everything. */
    refuse: undefined as (() => Promise<never>) | undefined,
    async append(batch: IncomingBatch): Promise<'stored'> {
      if (journal.refuse) return journal.refuse();
      stored.push(batch);
      return 'stored';
    },
  };
  const heard: string[] = [];
  const receiver = createSyslogReceiver({
    journal,
    peers: createSyslogPeers([peer], strangers),
    heard: (peer) => heard.push(peer),
    tls,
    log,
    nowMs: Date.now,
    settings: settingsWith({
      'collector.syslog.tcp.enabled': true,
      'collector.syslog.tcp.port': 0,
      'collector.syslog.udp.enabled': true,
      'collector.syslog.udp.port': 0,
      ...changes,
    }),
  });
  const { tcp = 0, udp = 0 } = await receiver.start();
  onTestFinished(() => receiver.close());
  const open = async (): Promise<Socket> => {
    const socket = connect({ host: '127.0.0.1', port: tcp });
    // A connection that is cut is what some tests are about.
    socket.on('error', () => {});
    onTestFinished(() => void socket.destroy());
    await once(socket, 'connect');
    return socket;
  };
  const send = (text: string) =>
    new Promise<void>((resolve) => {
      const socket = createSocket('udp4');
      socket.send(text, udp, '127.0.0.1', () => socket.close(() => resolve()));
    });
  return {
    ...{ receiver, journal, stored, open, send, heard },
    records: () => stored.reduce((sum, batch) => sum + batch.records, 0),
    counts: () => receiver.figures().peers.get('test'),
    holds: (text: string) => stored.some(({ bytes }) => bytes.includes(text)),
  };
}

/** Ten turns of the loop, with time between them: in each what has come is read, however long the whole process stood still. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    await stat(tmpdir());
  }
}

test('messages become batches of their peer in the journal, many at a time', async () => {
  const { open, records, stored, counts } = await openReceiver();
  const socket = await open();
  socket.write('<13>Nov 20 12:00:00 h a: x\n'.repeat(5000));
  await vi.waitFor(() => expect(records()).toBe(5000), patient);
  expect(new Set(stored.map(({ node, signal }) => `${signal} ${node}`))).toEqual(new Set(['logs syslog:test']));
  expect(stored.length).toBeLessThan(50);
  expect(counts()).toEqual({ received: 5000, malformed: 0, cut: 0, dropped: 0 });
});

test('malformed and long messages are stored and counted', async () => {
  const { open, records, counts, holds } = await openReceiver({ 'collector.syslog.maxMessageBytes': 2048 });
  (await open()).end(`no priority\n<13>${'a'.repeat(5000)}\n<13>last, without a newline`);
  await vi.waitFor(() => expect(records()).toBe(3), patient);
  expect(counts()).toEqual({ received: 3, malformed: 1, cut: 1, dropped: 0 });
  expect(holds('last, without a newline')).toBe(true);
});

test('who is no peer is sent away before a word is read, and counted', async () => {
  const { receiver, open, send, records } = await openReceiver({}, '10.0.0.1');
  const socket = await open();
  socket.write('<13>x\n');
  await once(socket, 'close');
  await send('<13>x');
  await vi.waitFor(() => expect(receiver.figures().refused).toBe(2), patient);
  expect(records()).toBe(0);
});

test('with nothing configured nothing is listened on', async () => {
  const receiver = createSyslogReceiver({
    ...{ journal: { append: async () => 'stored' as const }, peers: createSyslogPeers([], strangers) },
    ...{ heard: () => {}, tls, log, nowMs: Date.now, settings: settingsWith() },
  });
  expect(await receiver.start()).toEqual({});
  await receiver.close();
});

test('a journal that is full stops the reading of connections; when it takes again, nothing is missing', async () => {
  const { open, journal, records, counts, send } = await openReceiver();
  journal.refuse = async () => {
    throw new SextantError('SX_BACKLOG_FULL', 'full');
  };
  const socket = await open();
  const line = `<13>Nov 20 12:00:00 h a: ${'x'.repeat(2000)}\n`;
  const lines = 60_000;
  let written = 0;
  const write = () => {
    while (written < lines && socket.write(line)) written += 1;
    if (written < lines) {
      written += 1;
      socket.once('drain', write);
    }
  };
  write();
  // 120 MB are on their way; 32 MB are room.
  await vi.waitFor(async () => {
    const before = counts()?.received;
    await turns();
    expect(before).toBeGreaterThan(1000);
    expect(counts()?.received).toBe(before);
  }, patient);
  expect(counts()?.received).toBeLessThan(20_000);
  expect(records()).toBe(0);

  // UDP cannot wait: what finds no room is dropped and counted.
  await send('<13>over udp');
  await vi.waitFor(() => expect(counts()?.dropped).toBe(1), patient);

  journal.refuse = undefined;
  await vi.waitFor(() => expect(records()).toBe(lines), patient);
  expect(counts()).toMatchObject({ received: lines, dropped: 1 });
});

test('a flood from many connections leaves turns to everybody else', async () => {
  const { open, journal, records, counts } = await openReceiver();
  journal.refuse = async () => {
    throw new SextantError('SX_BACKLOG_FULL', 'full');
  };
  const sockets = await Promise.all(Array.from({ length: 30 }, open));
  for (const socket of sockets) socket.write('<1>a\n'.repeat(10_000));
  // 60,000 small messages find room; when it is given back, all of it is filled again.
  await vi.waitFor(() => expect(counts()?.received).toBeGreaterThan(50_000), patient);
  let mostInOneTurn = 0;
  let before = counts()?.received ?? 0;
  let turns: NodeJS.Immediate | undefined;
  const watch = () => {
    const now = counts()?.received ?? 0;
    mostInOneTurn = Math.max(mostInOneTurn, now - before);
    before = now;
    turns = setImmediate(watch);
  };
  watch();
  journal.refuse = undefined;
  await vi.waitFor(() => expect(records()).toBe(300_000), patient);
  clearImmediate(turns);
  expect(mostInOneTurn).toBeGreaterThan(100);
  expect(mostInOneTurn).toBeLessThanOrEqual(2000);
});

test('what was taken is durable after close, however short the time', async () => {
  const { open, receiver, records } = await openReceiver();
  const socket = await open();
  socket.write('<13>last words\n'.repeat(100));
  await vi.waitFor(() => expect(receiver.figures().peers.get('test')?.received).toBe(100), patient);
  await receiver.close();
  expect(records()).toBe(100);
});

test('what arrives while it closes is still read', async () => {
  const { open, receiver, records } = await openReceiver();
  const socket = await open();
  await vi.waitFor(() => expect(receiver.figures().connections).toBe(1), patient);
  socket.write('<13>on its way\n'.repeat(10_000));
  await receiver.close();
  expect(records()).toBe(10_000);
});

test('what a full disk keeps from being stored until the end is given up in time and counted', async () => {
  const { open, receiver, journal, counts } = await openReceiver();
  journal.refuse = async () => {
    throw new SextantError('SX_DISK_FULL', 'full');
  };
  (await open()).write('<13>x\n');
  await vi.waitFor(() => expect(counts()?.received).toBe(1), patient);
  const startedMs = performance.now();
  await receiver.close();
  expect(performance.now() - startedMs).toBeLessThan(2000);
  expect(counts()?.dropped).toBe(1);
});

test('what was read and found no room until the end is counted too', async () => {
  const { open, receiver, journal, counts, records } = await openReceiver();
  journal.refuse = async () => {
    throw new SextantError('SX_BACKLOG_FULL', 'full');
  };
  const socket = await open();
  const line = `<13>Nov 20 12:00:00 h a: ${'x'.repeat(30_000)}\n`;
  for (let sent = 0; sent < 2000; sent += 1) socket.write(line);
  await vi.waitFor(async () => {
    const before = counts()?.received ?? 0;
    await turns();
    expect(before).toBeGreaterThan(100);
    expect(counts()?.received).toBe(before);
  }, patient);
  const before = counts()?.received ?? 0;
  await receiver.close();
  // The socket gives 64 KiB at once, of which a part was still to be taken.
  expect(counts()?.received).toBeGreaterThan(before);
  expect(counts()?.dropped).toBe(counts()?.received);
  expect(records()).toBe(0);
});

test('a connection that says nothing is closed, with what it had begun to say stored', async () => {
  const { open, holds } = await openReceiver({ 'collector.syslog.idleTimeout': 100 });
  const socket = await open();
  socket.write('<13>half a mess');
  await once(socket, 'close');
  await vi.waitFor(() => expect(holds('half a mess')).toBe(true), patient);
});

test('there are no more connections than allowed, and a place that is left is given again', async () => {
  const { open, receiver, records } = await openReceiver({ 'collector.syslog.maxConnections': 2 });
  const first = await open();
  await open();
  await vi.waitFor(() => expect(receiver.figures().connections).toBe(2), patient);
  await once(await open(), 'close');
  expect(receiver.figures().refused).toBe(1);
  first.destroy();
  await vi.waitFor(() => expect(receiver.figures().connections).toBe(1), patient);
  (await open()).write('<13>x\n');
  await vi.waitFor(() => expect(records()).toBe(1), patient);
});

test('a hundred clients that send byte by byte or break off harm nobody', async () => {
  const { open, records, counts } = await openReceiver();
  const sockets = await Promise.all(Array.from({ length: 100 }, open));
  const line = '21 <13>Nov 20 12:00:00 x';
  for (const byte of line) {
    for (const socket of sockets) socket.write(byte);
    await new Promise((resolve) => setImmediate(resolve));
  }
  for (const socket of sockets.slice(50)) socket.write('99 <13>cut');
  for (const socket of sockets) socket.end();
  await vi.waitFor(() => expect(records()).toBe(150), patient);
  expect(counts()).toMatchObject({ received: 150, malformed: 50 });
});

test('arbitrary bytes over many connections become records, one for each that is counted, and nothing else', async () => {
  const { open, records, receiver, counts } = await openReceiver({ 'collector.syslog.maxMessageBytes': 2048 });
  const pieces = [
    '<13>',
    '<165>1 ',
    '17 ',
    '99999 ',
    '\n',
    '\0',
    ' CEF:0|',
    '|',
    ' a=',
    '[x y="',
    '\\',
    '2026-11-20T12:00:00Z',
  ];
  const sockets = await Promise.all(Array.from({ length: 40 }, open));
  for (const socket of sockets) {
    // As much noise as structure, so that some of it gets past the first look.
    for (let n = 0; n < 2000; n += 1) {
      socket.write(n % 2 === 0 ? randomBytes(randomInt(1, 40)) : (pieces[randomInt(pieces.length)] ?? ''));
    }
    socket.end();
  }
  await vi.waitFor(() => expect(receiver.figures().connections).toBe(0), patient);
  await vi.waitFor(() => expect(records()).toBe(counts()?.received), patient);
  expect(records()).toBeGreaterThan(1000);
  expect(counts()).toMatchObject({ dropped: 0 });
});

test('a taken port is told with what to do', async () => {
  const { receiver } = await openReceiver();
  const taken = await receiver.start().catch((error) => error);
  expect(taken).toEqual({ tcp: expect.any(Number), udp: expect.any(Number) });
  const other = createSyslogReceiver({
    ...{ journal: { append: async () => 'stored' as const }, peers: createSyslogPeers([], strangers) },
    ...{ heard: () => {}, tls, log, nowMs: Date.now },
    settings: settingsWith({ 'collector.syslog.tcp.enabled': true, 'collector.syslog.tcp.port': taken.tcp }),
  });
  await expect(other.start()).rejects.toMatchObject({ code: 'SX_PORT_TAKEN' });
  await other.close();
});
