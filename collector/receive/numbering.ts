import type { IncomingHttpHeaders } from 'node:http';
import { SextantError } from '../../errors/sextant-error.ts';
import { checksum } from '../../protocol/batch.ts';
import { streamHeaders } from '../../protocol/headers.ts';
import type { BatchNumbering } from '../journal/journal.ts';

const maxSequence = (1n << 63n) - 1n;
const patterns = {
  [streamHeaders.stream]: /^[a-z0-9-]{1,32}$/,
  [streamHeaders.epoch]: /^[0-9a-fA-F-]{1,64}$/,
  [streamHeaders.sequence]: /^[1-9]\d{0,18}$/,
  [streamHeaders.emptyBefore]: /^(0|[1-9]\d{0,18})$/,
  [streamHeaders.crc32]: /^[0-9a-fA-F]{8}$/,
};

const read = (headers: IncomingHttpHeaders, name: keyof typeof patterns): string | undefined => {
  const value = headers[name];
  if (value === undefined) return undefined;
  if (typeof value !== 'string' || !patterns[name].test(value)) {
    throw new SextantError('SX_BAD_REQUEST', `header ${name} is not valid`);
  }
  return value;
};

/**
 * Place of a batch in its stream, from the request's headers; undefined for senders that do not number theirs.
 * Throws SX_BAD_REQUEST for headers that are wrong or not all there.
 */
export function readNumbering(headers: IncomingHttpHeaders): BatchNumbering | undefined {
  const stream = read(headers, streamHeaders.stream);
  const epoch = read(headers, streamHeaders.epoch);
  const sequence = read(headers, streamHeaders.sequence);
  if (stream === undefined && epoch === undefined && sequence === undefined) return undefined;
  if (stream === undefined || epoch === undefined || sequence === undefined) {
    throw new SextantError('SX_BAD_REQUEST', `${Object.values(streamHeaders).slice(0, 3).join(', ')} belong together`);
  }
  const number = BigInt(sequence);
  if (number > maxSequence) throw new SextantError('SX_BAD_REQUEST', `header ${streamHeaders.sequence} is too large`);
  const emptyBefore = BigInt(read(headers, streamHeaders.emptyBefore) ?? 0);
  if (emptyBefore >= number)
    throw new SextantError('SX_BAD_REQUEST', `header ${streamHeaders.emptyBefore} is too large`);
  return { stream, epoch, sequence: number, emptyBefore };
}

/** Compares the body as it was before compression with the sender's checksum, when it sent one. */
export function demandChecksum(headers: IncomingHttpHeaders, bytes: Uint8Array): void {
  const told = read(headers, streamHeaders.crc32);
  if (told !== undefined && Number.parseInt(told, 16) !== checksum(bytes)) {
    throw new SextantError('SX_BAD_REQUEST', `the body does not have the checksum of header ${streamHeaders.crc32}`, {
      nextStep: 'send it again; if it lasts, something between the two changes what is sent',
    });
  }
}
