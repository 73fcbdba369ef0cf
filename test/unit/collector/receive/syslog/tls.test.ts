import { spawn, spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { connect as connectPlain } from 'node:net';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { expect, onTestFinished, test, vi } from 'vitest';
import { openAuthority } from '../../../../../collector/identity/authority.ts';
import { openServerCertificate } from '../../../../../collector/identity/server-certificate.ts';
import type { IncomingBatch } from '../../../../../collector/journal/journal.ts';
import { createSyslogPeers } from '../../../../../collector/receive/syslog/peers.ts';
import { createSyslogReceiver } from '../../../../../collector/receive/syslog/syslog.ts';
import { patient } from '../../../../patience.ts';
import { silentLog as log, makeStranger, startSite } from '../../api/site.ts';
import { settingsWith } from '../../journal/settings.ts';

/** A site with its own authority, and its syslog receiver over TLS. */
async function openSite(peers: string[] = []) {
  const site = await startSite();
  const clock = { offsetMs: 0 };
  const nowMs = () => Date.now() + clock.offsetMs;
  const authority = await openAuthority(`${site.folder}/ca`, { site: 'test', nowMs });
  const certificate = async (name: string) => ({
    ...(await openServerCertificate(`${site.folder}/ca`, {
      authority,
      names: ['localhost', '127.0.0.1', name],
      nowMs,
    })),
    authorityPem: authority.certificatePem,
  });
  const stored: IncomingBatch[] = [];
  const receiver = createSyslogReceiver({
    journal: {
      async append(batch) {
        stored.push(batch);
        return 'stored';
      },
    },
    peers: createSyslogPeers(peers, { certificates: site.certificates, nowMs }),
    heard: () => {},
    tls: await certificate('localhost'),
    log,
    nowMs,
    settings: settingsWith({
      'collector.syslog.tls.enabled': true,
      'collector.syslog.tls.port': 0,
    }),
  });
  const { tls: port = 0 } = await receiver.start();
  onTestFinished(() => receiver.close());
  const open = async (options: ConnectionOptions = {}): Promise<TLSSocket> => {
    const socket = connect({ host: '127.0.0.1', port, ca: authority.certificatePem, ...options });
    socket.on('error', () => {});
    onTestFinished(() => void socket.destroy());
    await once(socket, 'secureConnect');
    return socket;
  };
  return { site, receiver, stored, open, clock, certificate };
}

const nodes = (stored: IncomingBatch[]) => stored.map(({ node }) => node);

test('an enrolled node sends under its own name, in TLS 1.3 and 1.2', async () => {
  const { site, open, stored } = await openSite();
  const { cert, key, node } = await site.enrollNode('alpha');
  (await open({ cert, key })).end('12 <13>TLS 1.3!');
  await vi.waitFor(() => expect(nodes(stored)).toEqual([`syslog:${node}`]), patient);
  (await open({ cert, key, maxVersion: 'TLSv1.2' })).end('12 <13>TLS 1.2!');
  await vi.waitFor(() => expect(nodes(stored)).toEqual([`syslog:${node}`, `syslog:${node}`]), patient);
});

test('a certificate of another authority is good when its fingerprint is configured, and for nothing else', async () => {
  const plane = await makeStranger();
  const other = await makeStranger();
  const { open, stored, receiver } = await openSite([
    `control-plane=sha256:${new X509Certificate(plane.cert).fingerprint256}`,
  ]);
  (await open(plane)).end('<13>from the control plane\n');
  await vi.waitFor(() => expect(nodes(stored)).toEqual(['syslog:control-plane']), patient);
  const socket = await open(other);
  socket.resume();
  socket.write('<13>from a stranger\n');
  await once(socket, 'close');
  expect(receiver.figures().refused).toBe(1);
  expect(stored).toHaveLength(1);
});

const openssl = 'openssl';
const present = spawnSync(openssl, ['version']).status === 0;
if (!present) console.warn('\n  !!  NOT RUN: what clients on Windows are asked for, which needs `openssl`\n');

test.runIf(present)('no authority is named to clients: some would offer no certificate then', async () => {
  const { open } = await openSite(['127.0.0.1']);
  const { remotePort } = await open();
  for (const version of ['-tls1_2', '-tls1_3']) {
    const child = spawn(openssl, ['s_client', version, '-connect', `127.0.0.1:${remotePort}`]);
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
    });
    child.stdin.end('Q');
    await once(child, 'close');
    expect(output).toContain('No client certificate CA names sent');
    expect(output).toContain('Requested Signature Algorithms');
  }
});

test('without a certificate the address decides', async () => {
  const { open, stored } = await openSite(['host1=127.0.0.1']);
  (await open()).end('<13>x\n');
  await vi.waitFor(() => expect(nodes(stored)).toEqual(['syslog:host1']), patient);
});

test('a revoked node is sent away, and cut within seconds when it is connected', async () => {
  const { site, open, receiver, clock, stored } = await openSite(['127.0.0.1']);
  const { cert, key, node } = await site.enrollNode('beta');
  const socket = await open({ cert, key });
  socket.resume();
  socket.write('<13>before\n');
  await vi.waitFor(() => expect(stored).toHaveLength(1), patient);
  site.certificates.revoke(node, 'test');
  clock.offsetMs = 6000;
  socket.write('<13>after\n');
  await once(socket, 'close');
  const again = await open({ cert, key });
  again.resume();
  await once(again, 'close');
  expect(receiver.figures().refused).toBe(1);
  expect(stored).toHaveLength(1);
});

test('a renewed server certificate is shown to new connections while open ones go on', async () => {
  const { open, receiver, certificate, stored } = await openSite(['127.0.0.1']);
  const first = await open();
  const renewed = await certificate('sextant.site.local');
  expect(renewed.renewedBecause).toBe('it lacked the name sextant.site.local');
  receiver.useCertificate(renewed);
  const second = await open();
  expect(second.getPeerX509Certificate()?.fingerprint256).not.toBe(first.getPeerX509Certificate()?.fingerprint256);
  first.end('<13>old\n');
  second.end('<13>new\n');
  await vi.waitFor(() => expect(receiver.figures().peers.get('127.0.0.1')?.received).toBe(2), patient);
  await vi.waitFor(() => expect(stored.reduce((sum, { records }) => sum + records, 0)).toBe(2), patient);
});

test('what arrives while it closes is still read, and the client is told that it closes', async () => {
  const { open, receiver, stored } = await openSite(['127.0.0.1']);
  const socket = await open();
  await vi.waitFor(() => expect(receiver.figures().connections).toBe(1), patient);
  socket.write('<13>on its way\n'.repeat(10_000));
  const ended = once(socket.resume(), 'end');
  await Promise.all([receiver.close(), ended]);
  expect(stored.reduce((sum, { records }) => sum + records, 0)).toBe(10_000);
});

test('strangers that begin handshakes and stall keep no peer out', async () => {
  const { open, receiver, stored } = await openSite(['here=127.0.0.1']);
  const { remotePort } = await open();
  const stalled = Array.from({ length: 200 }, () => {
    const socket = connectPlain({ host: '127.0.0.1', port: remotePort ?? 0, localAddress: '127.0.0.2' });
    socket.on('error', () => {});
    onTestFinished(() => void socket.destroy());
    return socket;
  });
  await vi.waitFor(() => expect(receiver.figures().refused).toBe(200 - 64), patient);
  expect(stalled.filter(({ destroyed }) => !destroyed).length).toBeGreaterThan(0);
  (await open()).end('<13>let me through\n');
  await vi.waitFor(() => expect(stored).toHaveLength(1), patient);
});

test('plain text on the TLS port is nobody’s message', async () => {
  const { receiver, stored, open } = await openSite(['127.0.0.1']);
  const good = await open();
  const socket = connectPlain({ host: '127.0.0.1', port: good.remotePort ?? 0 });
  socket.on('error', () => {});
  socket.write('<13>in the clear\n');
  socket.resume();
  await once(socket, 'close');
  expect(receiver.figures().connections).toBe(1);
  expect(stored).toHaveLength(0);
});
