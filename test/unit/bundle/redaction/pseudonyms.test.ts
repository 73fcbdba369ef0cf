import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseIpv6 } from '../../../../bundle/redaction/ip-address.ts';
import { createKeyedTree } from '../../../../bundle/redaction/keyed-tree.ts';
import { createPseudonyms } from '../../../../bundle/redaction/pseudonyms.ts';
import { createRedactor } from '../../../../bundle/redaction/redactor.ts';

const key = Buffer.alloc(32, 7);
const pseudonyms = createPseudonyms(key);
const octet = fc.integer({ min: 0, max: 255 });
const quad = fc.tuple(octet, octet, octet, octet);

const commonBits = (a: Uint8Array, b: Uint8Array): number => {
  for (let at = 0; at < a.length * 8; at++) {
    const bit = (bytes: Uint8Array): number => ((bytes[at >> 3] as number) >> (7 - (at & 7))) & 1;
    if (bit(a) !== bit(b)) return at;
  }
  return a.length * 8;
};

test('the keyed tree preserves prefixes bit by bit and can be turned back', () => {
  const tree = createKeyedTree(key, 'x');
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 4, maxLength: 4 }),
      fc.uint8Array({ minLength: 4, maxLength: 4 }),
      (a, b) => {
        expect(commonBits(tree.permute(a), tree.permute(b))).toBe(commonBits(a, b));
        expect([...tree.invert(tree.permute(a))]).toEqual([...a]);
      },
    ),
  );
});

test('every IPv4 pseudonym is recognisable, is turned back, and stays in its private range', () => {
  fc.assert(
    fc.property(quad, (octets) => {
      const made = pseudonyms.ipv4(octets);
      if (made === undefined) return;
      expect(made.split('.').some((part) => Number(part) > 255)).toBe(true);
      expect(pseudonyms.turnBack(made)).toBe(octets.join('.'));
    }),
    { numRuns: 2000 },
  );
  expect(pseudonyms.ipv4([10, 1, 2, 3])).toMatch(/^10\./);
  expect(pseudonyms.ipv4([192, 168, 2, 3])).toMatch(/^192\.168\./);
  expect(pseudonyms.ipv4([172, 20, 2, 3])).toMatch(/^172\.2[78]\d\./);
  expect(pseudonyms.ipv4([169, 254, 2, 3])).toMatch(/^169\.254\./);
  for (const kept of [
    [127, 0, 0, 1],
    [0, 0, 0, 0],
    [224, 0, 0, 251],
    [255, 255, 255, 0],
    [255, 255, 255, 255],
  ]) {
    expect(pseudonyms.ipv4(kept)).toBeUndefined();
  }
});

test('a network stays one, and its hosts stay in it', () => {
  const host = pseudonyms.ipv4([10, 1, 2, 3]) ?? '';
  const network = pseudonyms.ipv4([10, 1, 2, 0], 24) ?? '';
  expect(network.split('.').slice(0, 3)).toEqual(host.split('.').slice(0, 3));
  expect(network).toMatch(/\.256$/);
  expect(pseudonyms.turnBack(`${network}/24`)).toBe('10.1.2.0/24');
});

test('IPv6, MAC addresses and SIDs are turned back', () => {
  for (const address of ['2001:db8:1:2:3:4:5:6', 'fe80::1:2:3:4', 'fd00:1:2:3:4:5:6:7']) {
    const made = pseudonyms.ipv6(parseIpv6(address) as Buffer) ?? '';
    expect(made).toMatch(/[g-v]{4}/);
    const back = pseudonyms.turnBack(made) ?? '';
    expect(parseIpv6(back)?.equals(parseIpv6(address) as Buffer), `${made} => ${back}`).toBe(true);
  }
  for (const kept of ['::1', '::', 'ff02::fb']) expect(pseudonyms.ipv6(parseIpv6(kept) as Buffer)).toBeUndefined();
  const mac = pseudonyms.mac(Buffer.from('00155d0a0b0c', 'hex')) ?? '';
  const pairs = (mac.match(/../g) ?? []).join(':');
  expect(pseudonyms.turnBack(`00:15:5d:${pairs}`)).toBe('00:15:5d:0a:0b:0c');
  const sid = pseudonyms.sid([1004336348, 1177238915, 682003330]);
  expect(pseudonyms.turnBack(`S-1-5-21-${sid}-512`)).toBe('S-1-5-21-1004336348-1177238915-682003330-512');
  const entra = pseudonyms.sid([1, 2, 3, 4294967295]);
  expect(pseudonyms.turnBack(`S-1-12-1-${entra}`)).toBe('S-1-12-1-1-2-3-4294967295');
  expect(pseudonyms.turnBack('nothing of the kind')).toBeUndefined();
});

test('another site has other pseudonyms', () => {
  const other = createPseudonyms(randomBytes(32));
  expect(other.name('host', 'n1')).not.toBe(pseudonyms.name('host', 'n1'));
  expect(pseudonyms.name('host', 'N1')).toBe(pseudonyms.name('host', 'n1'));
  expect(pseudonyms.name('host', 'n1')).toMatch(/^host-[0-9a-hjkmnp-tv-z]{8}$/);
});

const site = createRedactor({ key, profile: 'standard', names: [{ kind: 'host', name: 'n1' }] });
const drain = async (stream: AsyncIterable<Buffer>): Promise<string> => {
  let text = '';
  for await (const chunk of stream) text += chunk.toString('latin1');
  return text;
};

test.each(['password=hunter2', 'on n1 now', 'from 10.1.2.3 to x', 'mail to jdoe@contoso.example'])(
  'the second scan stops what the first would have missed: %s',
  async (leak) => {
    const text = Buffer.from(`harmless\n${leak}\nharmless\n`);
    for (const size of [1, 5, 1000]) {
      const pieces: Buffer[] = [];
      for (let at = 0; at < text.length; at += size) pieces.push(text.subarray(at, at + size));
      await expect(drain(site.scanned(pieces))).rejects.toMatchObject({ code: 'SX_REDACTION_LEAK' });
    }
    await expect(drain(site.scanned([Buffer.from('harmless\n')]))).resolves.toBe('harmless\n');
  },
);

test('whatever comes out once comes out again unchanged', async () => {
  const words = fc.constantFrom(
    'password=',
    'token: ',
    '"',
    "'",
    ';',
    ' ',
    '\\\\',
    '\n',
    'n1',
    '10.1.2.3',
    'user ',
    'for user ',
    '[masked:',
    ']',
    'Server=',
    '::',
    'a:b:c:',
    '@x.org',
    '-enc ',
    'Key',
    '=',
    '<Password>',
    '</',
    '00:15:5d:0a:0b:0c',
    'C:\\Users\\',
    'host-',
    '-----BEGIN PRIVATE KEY-----',
    'S-1-5-21-1-2-3-4',
    'abcdef0123456789',
  );
  await fc.assert(
    fc.asyncProperty(fc.array(words, { maxLength: 30 }), async (parts) => {
      // A stream that leaked would throw.
      const once = await drain(site.stream([Buffer.from(parts.join(''))], {}));
      expect(await drain(site.stream([Buffer.from(once, 'latin1')], {}))).toBe(once);
    }),
    {
      numRuns: 1500,
      // What stood for the identity made another one of its neighbour.
      examples: [
        [['for user ', 'S-1-5-21-1-2-3-4', '\\\\', 'abcdef0123456789']],
        [['C:\\Users\\', 'abcdef0123456789', '[masked:', 'n1']],
        [['C:\\Users\\', 'S-1-5-21-1-2-3-4', '[masked:', 'S-1-5-21-1-2-3-4']],
      ],
    },
  );
});
