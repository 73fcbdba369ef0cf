import { createHmac, createSecretKey } from 'node:crypto';
import { createKeyedTree } from './keyed-tree.ts';

export type NameKind = 'host' | 'user' | 'domain' | 'guid';

const prefixes: Record<NameKind, string> = { host: 'host-', user: 'user-', domain: 'dom-', guid: 'guid-' };
/** Digits and letters without i, l, o and u (Crockford). */
const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';
/** What stands for the hexadecimal digits of an address, so that no pseudonym is taken for an address. */
const nibbles = 'ghijklmnopqrstuv';
const remembered = 65_536;

function rememberIn<Key, Value>(map: Map<Key, Value>, key: Key, value: Value): void {
  if (map.size >= remembered) map.clear();
  map.set(key, value);
}

function base32(bytes: Uint8Array, characters: number): string {
  let text = '';
  let bits = 0;
  let held = 0;
  for (const byte of bytes) {
    held = ((held << 8) | byte) & 0xffff;
    for (bits += 8; bits >= 5 && text.length < characters; bits -= 5) text += alphabet[(held >> (bits - 5)) & 31];
  }
  return text.length < characters ? text + alphabet[(held << (5 - bits)) & 31] : text;
}

function fromBase32(text: string, bytes: number): Buffer {
  let bits = 0n;
  for (const character of text) bits = (bits << 5n) | BigInt(alphabet.indexOf(character));
  const spare = BigInt(text.length * 5 - bytes * 8);
  return Buffer.from((bits >> spare).toString(16).padStart(bytes * 2, '0'), 'hex');
}

const encodeNibbles = (bytes: Uint8Array): string =>
  [...bytes].map((byte) => `${nibbles[byte >> 4]}${nibbles[byte & 15]}`).join('');
const decodeNibbles = (text: string): Buffer =>
  Buffer.from([...text].map((letter) => nibbles.indexOf(letter.toLowerCase()).toString(16)).join(''), 'hex');

/** How many leading octets of an IPv4 address say only what kind it is, and which bits of the next; -1: all of it stays. */
function keptOfIpv4([a = 0, b = 0, c = 0, d = 0]: Uint8Array): { octets: number; bits: number } {
  const mask = ((a << 24) | (b << 16) | (c << 8) | d) >>> 0;
  const isNetmask = a === 255 && (~mask & (~mask + 1)) === 0;
  // This network, loopback, multicast and what is reserved above it.
  if (a === 0 || a === 127 || a >= 224 || isNetmask) return { octets: 4, bits: 0 };
  if (a === 10) return { octets: 1, bits: 0 };
  if ((a === 169 && b === 254) || (a === 192 && b === 168)) return { octets: 2, bits: 0 };
  if (a === 172 && b >> 4 === 1) return { octets: 1, bits: 0xf0 };
  if (a === 100 && b >> 6 === 1) return { octets: 1, bits: 0xc0 };
  return { octets: 0, bits: 0 };
}

/** Leading 16-bit groups of an IPv6 address that stay; 8 for what identifies nobody (RFC 4291, RFC 5952). */
function keptOfIpv6(bytes: Buffer): number {
  const first = bytes.readUInt16BE(0);
  const unspecifiedOrLoopback = bytes.subarray(0, 15).every((byte) => byte === 0) && (bytes[15] ?? 0) <= 1;
  if (unspecifiedOrLoopback || first >> 8 === 0xff) return 8;
  if (first >> 6 === 0xfe80 >> 6) return 4;
  if (bytes.subarray(0, 10).every((byte) => byte === 0) && bytes.readUInt16BE(10) === 0xffff) return 6;
  return 0;
}

/**
 * Pseudonyms under the site's key. Names are HMACs; addresses and SIDs are keyed permutations, which preserve networks and
 * which the site can turn back. None can be taken for what it stands for: numbers above 255 in IPv4 addresses, letters
 * from g to v in IPv6 and MAC addresses, letters in SIDs.
 */
export interface Pseudonyms {
  /** `host-…`, `user-…`, `dom-…`, `guid-…`; without case. */
  name(kind: NameKind, name: string): string;
  /** Host and domain apart: `host-….dom-…`. */
  hostName(name: string): string;
  /** Undefined for an address that identifies nobody. `networkBits` is what stands behind its slash. */
  ipv4(octets: readonly number[], networkBits?: number): string | undefined;
  ipv6(bytes: Buffer): string | undefined;
  /** The last three bytes as six letters; undefined for multicast, broadcast and zero. */
  mac(bytes: Buffer): string | undefined;
  /** What stands for the numbers of a SID's authority (three or four of 32 bits). */
  sid(numbers: readonly number[]): string;
}

export interface PseudonymReader {
  /** The address or SID that a pseudonym stands for; undefined when it is none of these, or of another site. */
  turnBack(pseudonym: string): string | undefined;
}

export function createPseudonyms(
  key: Uint8Array,
  onName?: (kind: NameKind, name: string, pseudonym: string) => void,
): Pseudonyms & PseudonymReader {
  const nameKey = createSecretKey(key);
  const tree4 = createKeyedTree(key, 'ipv4');
  const tree6 = createKeyedTree(key, 'ipv6');
  const treeMac = createKeyedTree(key, 'mac');
  const treeSid = createKeyedTree(key, 'sid');
  const names = new Map<string, string>();
  /** Empty for what stays. Those of networks apart: an address alone is a small integer, which a map finds fastest. */
  const addresses4 = new Map<number, string>();
  const networks4 = new Map<string, string>();
  const addresses = new Map<string, string | undefined>();

  const name = (kind: NameKind, original: string): string => {
    const lower = original.toLowerCase();
    const remembered = names.get(kind + lower);
    if (remembered !== undefined) return remembered;
    const digest = createHmac('sha256', nameKey).update(`${kind}\0${lower}`).digest();
    const made = prefixes[kind] + base32(digest, 8);
    rememberIn(names, kind + lower, made);
    onName?.(kind, lower, made);
    return made;
  };
  const remember = (text: string, make: () => string | undefined): string | undefined => {
    if (addresses.has(text)) return addresses.get(text);
    const made = make();
    rememberIn(addresses, text, made);
    return made;
  };
  const makeIpv4 = (octets: Uint8Array, networkBits: number): string | undefined => {
    const kept = keptOfIpv4(octets);
    if (kept.octets === 4) return undefined;
    const permuted = tree4.permute(octets);
    const value = Buffer.from(octets).readUInt32BE(0);
    const hostMask = networkBits >= 32 ? 0 : 0xffffffff >>> networkBits;
    const isNetwork = networkBits > 0 && networkBits < 32 && (value & hostMask) === 0;
    return [...permuted]
      .map((byte, at) => {
        const original = octets[at] as number;
        if (at < kept.octets) return original;
        const bits = at === kept.octets ? kept.bits : 0;
        // The address of a network stays one: zeros behind its prefix.
        const network = isNetwork ? 0xff & ~(hostMask >>> (24 - at * 8)) : 0xff;
        return 256 + (((byte & ~bits) | (original & bits)) & network);
      })
      .join('.');
  };

  return {
    name,
    hostName: (text) => {
      const dot = text.indexOf('.');
      return dot === -1
        ? name('host', text)
        : `${name('host', text.slice(0, dot))}.${name('domain', text.slice(dot + 1))}`;
    },
    ipv4: (octets, networkBits = 32) => {
      const [a = 0, b = 0, c = 0, d = 0] = octets;
      const address = (a << 24) | (b << 16) | (c << 8) | d;
      const isAlone = networkBits === 32;
      const known = isAlone ? addresses4.get(address) : networks4.get(`${address}/${networkBits}`);
      if (known !== undefined) return known === '' ? undefined : known;
      const made = makeIpv4(Uint8Array.from(octets), networkBits);
      if (isAlone) rememberIn(addresses4, address, made ?? '');
      else rememberIn(networks4, `${address}/${networkBits}`, made ?? '');
      return made;
    },
    ipv6: (bytes) =>
      remember(bytes.toString('hex'), () => {
        const kept = keptOfIpv6(bytes);
        if (kept === 8) return undefined;
        if (kept === 6) {
          const inner = makeIpv4(bytes.subarray(12), 32);
          return inner && `::ffff:${inner}`;
        }
        const permuted = tree6.permute(bytes);
        const groups = Array.from({ length: 8 }, (_, at) =>
          at < kept ? bytes.readUInt16BE(at * 2).toString(16) : encodeNibbles(permuted.subarray(at * 2, at * 2 + 2)),
        );
        return groups.join(':').replace(/^fe80:0:0:0:/, 'fe80::');
      }),
    mac: (bytes) => {
      const first = bytes[0] ?? 0;
      const vendorAlone = bytes.subarray(3).every((byte) => byte === 0);
      if (first & 1 || vendorAlone) return undefined;
      return encodeNibbles(treeMac.permute(bytes).subarray(3));
    },
    sid: (numbers) => {
      const bytes = Buffer.alloc(numbers.length * 4);
      for (const [at, number] of numbers.entries()) bytes.writeUInt32BE(number, at * 4);
      return base32(treeSid.permute(bytes), Math.ceil((bytes.length * 8) / 5));
    },
    turnBack: (text) => {
      const quad = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})(\/\d{1,2})?$/.exec(text);
      if (quad) return invertIpv4(quad.slice(1, 5).map(Number), quad[5] ?? '');
      const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(text)?.[1];
      if (mapped) {
        const inner = invertIpv4(mapped.split('.').map(Number), '');
        return inner && `::ffff:${inner}`;
      }
      const sid = /^(S-1-5-21|S-1-12-1)-([0-9a-hjkmnp-tv-z]{20,26})((?:-\d+)*)$/i.exec(text);
      if (sid?.[1] && sid[2] && /[a-z]/i.test(sid[2])) {
        const count = sid[2].length === 20 ? 3 : 4;
        const bytes = treeSid.invert(fromBase32(sid[2].toLowerCase(), count * 4));
        const numbers = Array.from({ length: count }, (_, at) => bytes.readUInt32BE(at * 4));
        return `${sid[1].toUpperCase()}-${numbers.join('-')}${sid[3]}`;
      }
      const mac = /^([0-9a-f]{2})([:-])([0-9a-f]{2})\2([0-9a-f]{2})\2([g-v]{2})\2([g-v]{2})\2([g-v]{2})$/i.exec(text);
      if (mac) {
        const vendor = Buffer.from(`${mac[1]}${mac[3]}${mac[4]}`, 'hex');
        const bytes = treeMac.invert(Buffer.concat([treeMac.permute(vendor), decodeNibbles(mac.slice(5, 8).join(''))]));
        return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(mac[2]);
      }
      return invertIpv6(text);
    },
  };

  function invertIpv4(shown: number[], network: string): string | undefined {
    if (shown.some((octet) => octet > 511) || !shown.some((octet) => octet > 255)) return undefined;
    const kept = keptOfIpv4(shown.map((octet) => octet & 255) as unknown as Uint8Array);
    const fixed = shown.findIndex((octet) => octet > 255);
    const permuted = Buffer.alloc(4);
    const original = Buffer.alloc(4);
    for (let at = 0; at < 4; at++) {
      if (at < fixed) {
        original[at] = shown[at] as number;
        permuted[at] = tree4.permute(original.subarray(0, at + 1))[at] as number;
        continue;
      }
      permuted[at] = (shown[at] as number) & 255;
      if (at === fixed && fixed === 1 && kept.bits !== 0) {
        // The bits that stayed were not turned: they are tried as they are.
        for (let low = 0; low < 256; low++) {
          if ((low & kept.bits) !== ((shown[at] as number) & kept.bits)) continue;
          original[at] = low;
          const made = tree4.permute(original.subarray(0, at + 1))[at] as number;
          if ((made & ~kept.bits) === ((shown[at] as number) & 255 & ~kept.bits)) {
            permuted[at] = made;
            break;
          }
        }
      }
      original[at] = tree4.invert(permuted.subarray(0, at + 1))[at] as number;
    }
    if (network === '') return [...original].join('.');
    const bits = Number(network.slice(1));
    const value = bits === 0 ? 0 : (original.readUInt32BE(0) & (0xffffffff << (32 - Math.min(bits, 32)))) >>> 0;
    return `${[24, 16, 8, 0].map((shift) => (value >>> shift) & 255).join('.')}${network}`;
  }

  function invertIpv6(text: string): string | undefined {
    const groups = text
      .toLowerCase()
      .replace(/^fe80::/, 'fe80:0:0:0:')
      .split(':');
    if (groups.length !== 8 || !groups.every((group) => /^(?:[g-v]{4}|[0-9a-f]{1,4})$/.test(group))) return undefined;
    const kept = groups.findIndex((group) => /^[g-v]{4}$/.test(group));
    if (kept === -1) return undefined;
    const original = Buffer.alloc(16);
    for (let at = 0; at < kept; at++) original.writeUInt16BE(Number.parseInt(groups[at] as string, 16), at * 2);
    const permuted = Buffer.concat([
      tree6.permute(original.subarray(0, kept * 2)),
      ...groups.slice(kept).map((group) => decodeNibbles(group)),
    ]);
    const bytes = tree6.invert(permuted);
    return Array.from({ length: 8 }, (_, at) => bytes.readUInt16BE(at * 2).toString(16))
      .join(':')
      .replace(/(?:^|:)0(?::0)+(?::|$)/, '::');
  }
}
