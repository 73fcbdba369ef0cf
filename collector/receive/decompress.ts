import { promisify } from 'node:util';
import { gunzip, inflate, zstdDecompress } from 'node:zlib';
import { SextantError } from '../../errors/sextant-error.ts';

const gzip = promisify(gunzip);
// Not an object: a header may name what every object has.
const decoders = new Map<string, (body: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>>([
  ['gzip', gzip],
  ['x-gzip', gzip], // The same by RFC 9110, section 8.4.1.3.
  ['deflate', promisify(inflate)],
  ['zstd', promisify(zstdDecompress)],
]);

/**
 * Undoes a Content-Encoding; never makes more than `maxBytes`, whatever the body promises.
 * Throws SX_TOO_LARGE, and SX_BAD_REQUEST for a body that is not what its header says.
 */
export async function decompress(body: Buffer, encoding: string | undefined, maxBytes: number): Promise<Buffer> {
  const name = (encoding ?? 'identity').trim().toLowerCase();
  if (name === 'identity' || name === '') return body;
  const decode = decoders.get(name);
  if (!decode)
    throw new SextantError('SX_MEDIA_TYPE', `Content-Encoding ${name} is not gzip, zstd, deflate or identity`);
  try {
    return await decode(body, { maxOutputLength: maxBytes });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') {
      throw new SextantError('SX_TOO_LARGE', `the request is larger than ${maxBytes} bytes when decompressed`, {
        cause,
      });
    }
    throw new SextantError('SX_BAD_REQUEST', `the body is not ${name}`, { cause });
  }
}
