import { parseIpv6 } from './ip-address.ts';
import { isDigit, isHex, isWord, type LineView } from './line-view.ts';
import type { RedactionProfile } from './profile.ts';
import type { Pseudonyms } from './pseudonyms.ts';
import { isVersion } from './version-number.ts';

const dot = 46;
const colon = 58;
const dash = 45;
const slash = 47;
const zero = 48;
const one = 49;
const underscore = 95;

/** Finds addresses and SIDs around the places that the scanner names; what has been found goes into the view. */
export interface AddressFinder {
  /** `at`: the second dot of what may be an IPv4 address. Returns how far the numbers go that have been judged with it. */
  ipv4(at: number): number;
  /** `at`: a colon of what may be an IPv6 or MAC address. */
  colons(at: number): void;
  /** `at`: the seventh digit of `00-11-22-3…`. */
  macDashes(at: number): void;
  /** `at`: the last digit of `0011.2233.4455`. */
  macDots(at: number): void;
  /** `at`: the byte behind the name of a field that holds an address without separators, or the fourth digit of `enx0011…`. */
  plainMac(at: number): void;
  /** `at`: the last byte of `S-1-5-21-` or `S-1-12-1-`. */
  sid(at: number): void;
}

export function createAddressFinder(line: LineView, pseudonyms: Pseudonyms, profile: RedactionProfile): AddressFinder {
  const octets = [0, 0, 0, 0];

  /** `/24` behind an address; 32 for none. */
  const networkBits = (end: number): number => {
    if (line.at(end) !== slash || !isDigit(line.at(end + 1))) return 32;
    const first = line.at(end + 1) - 48;
    const two = isDigit(line.at(end + 2));
    const bits = two ? first * 10 + line.at(end + 2) - 48 : first;
    return bits > 32 || isDigit(line.at(end + (two ? 3 : 2))) ? 32 : bits;
  };

  /** Six pairs of hexadecimal digits between these bytes; true when it was one. */
  const mac = (start: number, separator: number): boolean => {
    const end = start + 17;
    if (start < line.from || end > line.to || isWord(line.at(start - 1)) || isWord(line.at(end))) return false;
    // The number of its kind stands before the address in DHCP's identifiers: `01-00-15-…`.
    const isDhcp = line.at(start - 1) === separator && line.at(start - 2) === one && line.at(start - 3) === zero;
    if ((line.at(start - 1) === separator && !(isDhcp && !isWord(line.at(start - 4)))) || line.at(end) === separator)
      return false;
    for (let at = 0; at < 17; at++) {
      const byte = line.at(start + at);
      if (at % 3 === 2 ? byte !== separator : !isHex(byte)) return false;
    }
    const text = line.slice(start, end);
    const made = pseudonyms.mac(Buffer.from(text.replace(/[:-]/g, ''), 'hex'));
    if (made !== undefined) {
      const pairs = [made.slice(0, 2), made.slice(2, 4), made.slice(4)];
      line.put(start, end, text.slice(0, 9) + pairs.join(String.fromCharCode(separator)), 'mac');
    }
    return true;
  };

  return {
    ipv4: (at) => {
      // Bytes as they are, without the view's bounds at each: most lines of a log have an address.
      const { bytes, from, to } = line;
      let start = at - 1;
      while (start >= from && isDigit(bytes[start] as number)) start--;
      // Now at the first dot.
      start--;
      while (start >= from && isDigit(bytes[start] as number)) start--;
      start++;
      if (line.at(start - 1) === dot && isDigit(line.at(start - 2))) return at;
      let end = start;
      let parts = 0;
      for (;;) {
        let value = 0;
        const begun = end;
        while (end < to && isDigit(bytes[end] as number) && end - begun < 6)
          value = value * 10 + (bytes[end++] as number) - 48;
        if (parts < 4) {
          if (end - begun > 3 || end === begun || value > 255) return end;
          octets[parts] = value;
        }
        parts++;
        if (end + 1 >= to || bytes[end] !== dot || !isDigit(bytes[end + 1] as number)) break;
        // More than five parts, or five that begin like an object identifier, are no address.
        if (parts === 5 || (parts === 4 && (octets[0] as number) <= 2)) return end;
        end++;
      }
      if (parts < 4 || isDigit(line.at(end))) return end;
      // Five: an address and its port, as tcpdump writes them.
      if (parts === 5) {
        do end--;
        while (line.at(end) !== dot);
      }
      if (profile !== 'strict' && isVersion(line, start, end, octets)) return end;
      const text = pseudonyms.ipv4(octets, networkBits(end));
      if (text !== undefined) line.put(start, end, text, 'ipv4');
      return end;
    },

    colons: (at) => {
      const inAddress = (byte: number): boolean => isHex(byte) || byte === colon || byte === dot;
      let start = at;
      while (at - start < 48 && inAddress(line.at(start - 1))) start--;
      let end = at + 1;
      while (end - at < 48 && inAddress(line.at(end))) end++;
      // A sentence may end behind it, and a colon may follow it.
      while (line.at(end - 1) === dot || (line.at(end - 1) === colon && line.at(end - 2) !== colon)) end--;
      while (line.at(start) === dot || (line.at(start) === colon && line.at(start + 1) !== colon)) start++;
      if (isWord(line.at(start - 1)) || isWord(line.at(end))) return;
      if (line.at(end) === underscore || line.at(start - 1) === underscore) return;
      if (line.count > 0 && line.found[line.count - 1]?.start === start) return;
      if (end - start === 17 && mac(start, colon)) return;
      if (end - start === 20 && mac(start + 3, colon)) return;
      const text = line.slice(start, end);
      if (!/\d/.test(text)) return;
      const address = parseIpv6(text);
      if (address) {
        const pseudonym = pseudonyms.ipv6(address);
        if (pseudonym !== undefined) line.put(start, end, pseudonym, 'ipv6');
        return;
      }
      // `fe80::1:443` is an address; nine groups are one and a port.
      const port = /:\d{1,5}$/.exec(text);
      const before = port && parseIpv6(text.slice(0, port.index));
      const pseudonym = before && pseudonyms.ipv6(before);
      if (port && pseudonym) line.put(start, start + port.index, pseudonym, 'ipv6');
    },

    macDashes: (at) => {
      if (!mac(at - 9, dash)) mac(at - 6, dash);
    },

    macDots: (at) => {
      const start = at - 13;
      const end = at + 1;
      if (start < line.from || isWord(line.at(start - 1)) || isWord(line.at(end))) return;
      if (line.at(end) === dot || line.at(start - 1) === dot) return;
      const text = line.slice(start, end);
      // Twelve decimal digits are more often numbers.
      if (!/[a-f]/i.test(text)) return;
      const made = pseudonyms.mac(Buffer.from(text.replaceAll('.', ''), 'hex'));
      if (made !== undefined) line.put(start, end, `${text.slice(0, 7)}${made.slice(0, 2)}.${made.slice(2)}`, 'mac');
    },

    plainMac: (at) => {
      // Behind a name: quotes, blanks and a sign. Behind `enx`: at once.
      let start = at;
      if (isHex(line.at(at)) && isHex(line.at(at - 3))) start = at - 3;
      else while (start - at < 24 && ' \t"\'\\:={'.includes(String.fromCharCode(line.at(start)))) start++;
      const text = line.slice(start, start + 12);
      if (!/^[0-9a-f]{12}$/i.test(text) || isWord(line.at(start + 12))) return;
      const made = pseudonyms.mac(Buffer.from(text, 'hex'));
      if (made !== undefined) line.put(start, start + 12, text.slice(0, 6) + made, 'mac');
    },

    sid: (at) => {
      // S-1-5-21 has three numbers of the domain before the account's own, S-1-12-1 four of the account.
      const wanted = line.slice(at - 2, at) === '21' ? 3 : 4;
      const match = /^\d{1,10}(?:-\d{1,10}){2,3}/.exec(line.slice(at + 1, at + 48));
      const numbers = match?.[0].split('-').slice(0, wanted);
      if (numbers?.length !== wanted || numbers.some((number) => Number(number) >= 2 ** 32)) return;
      line.put(at + 1, at + 1 + numbers.join('-').length, pseudonyms.sid(numbers.map(Number)), 'sid');
    },
  };
}
