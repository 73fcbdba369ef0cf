import { expect, test } from 'vitest';
import { createSyslogPeers } from '../../../../../collector/receive/syslog/peers.ts';

const pinned = 'ab'.repeat(32);
const ours = 'cd'.repeat(32);
const revoked = 'ef'.repeat(32);
const expired = '12'.repeat(32);
const capabilities = {
  nowMs: () => 1000,
  certificates: {
    find(fingerprint: string) {
      const certificate = { node: 'alpha', serial: '1', notAfterUnixMs: 2000, revokedUnixMs: null };
      if (fingerprint === ours) return certificate;
      if (fingerprint === revoked) return { ...certificate, revokedUnixMs: 1 };
      if (fingerprint === expired) return { ...certificate, notAfterUnixMs: 999 };
      return undefined;
    },
  },
};
const peers = (...written: string[]) => createSyslogPeers(written, capabilities);

test('nobody may send who is neither enrolled nor named', () => {
  expect(peers().identify({ address: '127.0.0.1' })).toBeUndefined();
  expect(peers('10.0.0.9').identify({ address: '10.0.0.8' })).toBeUndefined();
  expect(peers('10.0.0.9').identify({ address: '', fingerprint: pinned })).toBeUndefined();
});

test('an enrolled node is known by its certificate, from wherever it comes', () => {
  expect(peers().identify({ address: '10.0.0.8', fingerprint: ours })).toBe('alpha');
});

test('a certificate that was revoked or has expired is not made good by its address', () => {
  for (const fingerprint of [revoked, expired]) {
    expect(peers('10.0.0.8').identify({ address: '10.0.0.8', fingerprint })).toBeUndefined();
  }
});

test('addresses, networks and fingerprints name a peer; the first that fits counts', () => {
  const list = peers(
    'cp=10.0.0.9',
    'hosts=10.0.1.0/24',
    '10.0.0.0/8',
    `plane=sha256:${'AB:'.repeat(31)}AB`,
    'fd00::/8',
  );
  expect(list.identify({ address: '10.0.0.9' })).toBe('cp');
  expect(list.identify({ address: '10.0.1.77' })).toBe('hosts');
  expect(list.identify({ address: '::ffff:10.2.3.4' })).toBe('10.2.3.4');
  expect(list.identify({ address: '192.0.2.1', fingerprint: pinned })).toBe('plane');
  expect(list.identify({ address: 'fd12::1%eth0' })).toBe('fd12::1');
  expect(list.identify({ address: 'fe80::1%eth0' })).toBeUndefined();
  expect(list.identify({ address: 'nonsense' })).toBeUndefined();
});

test('everything that is wrong with the list is told at once', () => {
  const wrong = [
    'host.local',
    '10.0.0.0/33',
    '10.0.0.0/',
    '10.0.0.0/8/8',
    `sha256:${pinned}`,
    'a=sha256:12',
    'a b=10.0.0.1',
    '',
  ];
  const failure = (() => {
    try {
      return peers('10.0.0.1', ...wrong);
    } catch (error) {
      return error as Error;
    }
  })();
  expect(failure).toMatchObject({ code: 'SX_CONFIG_INVALID' });
  expect((failure as Error).message.split('\n')).toHaveLength(wrong.length);
});

test('names of peers are known beforehand, but for those of networks without a name', () => {
  const list = peers('10.0.0.9', 'cp=10.0.1.0/24', '10.0.2.0/24', `fw=sha256:${pinned}`, 'cp=10.0.3.1', 'fe80::1/128');
  expect(list.names()).toEqual(['10.0.0.9', 'cp', 'fe80::1', 'fw']);
});
