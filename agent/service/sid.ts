import { createHash } from 'node:crypto';

/**
 * The SID that Windows gives a service, S-1-5-80-…: SHA-1 of its name in capitals, as five little-endian numbers.
 * `sc.exe showsid NAME` shows the same.
 */
export function serviceSid(name: string): string {
  const hash = createHash('sha1').update(name.toUpperCase(), 'utf16le').digest();
  return `S-1-5-80-${[0, 4, 8, 12, 16].map((at) => hash.readUInt32LE(at)).join('-')}`;
}
