const dash = 45;
const dot = 46;
const colon = 58;

/** Where the sign is first met from `from` to `to`; -1 when it is not. */
const placeOf = (bytes: Uint8Array, sign: number, from: number, to: number): number => {
  for (let at = from; at <= to; at++) if (bytes[at] === sign) return at;
  return -1;
};

/**
 * A second look at three bytes, at `at`, with which nothing but an address, a MAC or a recovery key can begin: times, dates
 * and fractions look the same there, and logs are full of them. False when the next sign of such a number is not where it
 * would have to be. The sign is the second byte, or the first one, as `createGate` opens for `isNumber`.
 */
export function mayBeNumber(bytes: Uint8Array, at: number): boolean {
  let sign = at + 1;
  let byte = bytes[sign];
  if (byte !== dot && byte !== colon && byte !== dash) {
    sign = at;
    byte = bytes[sign];
    if (byte !== dot && byte !== colon && byte !== dash) {
      // Two digits before the first dash of a MAC.
      sign = at + 2;
      byte = bytes[sign];
      if (byte !== dash) return true;
    }
  }
  // One to three digits between two dots; four in a MAC of three groups.
  if (byte === dot) return placeOf(bytes, dot, sign + 2, sign + 5) !== -1;
  if (byte === colon) {
    // One to four digits between two colons, and a third one.
    const second = placeOf(bytes, colon, sign + 2, sign + 5);
    return second !== -1 && placeOf(bytes, colon, second + 2, second + 5) !== -1;
  }
  // Pairs of digits; a recovery key has six of them behind the dash, and before it.
  return (bytes[sign + 3] === dash && bytes[sign + 6] === dash) || bytes[sign - 7] === dash || bytes[sign + 7] === dash;
}
