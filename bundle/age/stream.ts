import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { headerEnd, type Lock, makeHeader, openHeader, type Unlock } from './header.ts';

/** Payload of an age file (STREAM): pieces of 64 KiB, each with its own tag; the last one says that it is the last. */
const pieceBytes = 64 * 1024;
const tagBytes = 16;
const nonceBytes = 16;

const payloadKey = (fileKey: Uint8Array, nonce: Uint8Array): Buffer =>
  Buffer.from(hkdfSync('sha256', fileKey, nonce, 'payload', 32));

/** Eleven bytes of counter, big-endian, and one that marks the last piece. */
function pieceNonce(counter: number, last: boolean): Buffer {
  const nonce = Buffer.alloc(12);
  nonce.writeUIntBE(counter, 5, 6);
  nonce[11] = last ? 1 : 0;
  return nonce;
}

type Source = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/**
 * Cuts a source into pieces of exactly `bytes`; only the last may be shorter, or empty when there is nothing. All pieces lie
 * in one buffer: each is gone when the next is asked for. Buffers of their own would be collected late, since V8 hardly sees
 * them: sealing took 26 MB more resident memory that way.
 */
async function* inPieces(source: Source, bytes: number): AsyncGenerator<{ piece: Buffer; last: boolean }> {
  const piece = Buffer.allocUnsafe(bytes);
  let held = 0;
  for await (const chunk of source) {
    for (let at = 0; at < chunk.length; ) {
      // One byte more must be there before a piece is known not to be the last.
      if (held === bytes) {
        yield { piece, last: false };
        held = 0;
      }
      const taken = Math.min(bytes - held, chunk.length - at);
      piece.set(chunk.subarray(at, at + taken), held);
      held += taken;
      at += taken;
    }
  }
  yield { piece: piece.subarray(0, held), last: true };
}

/** Encrypts a stream as an age v1 file. Memory for one piece and one chunk. */
export async function* encryptStream(source: Source, lock: Lock): AsyncGenerator<Buffer> {
  const { fileKey, header } = makeHeader(lock);
  const nonce = randomBytes(nonceBytes);
  const key = payloadKey(fileKey, nonce);
  yield Buffer.concat([header, nonce]);
  let counter = 0;
  for await (const { piece, last } of inPieces(source, pieceBytes)) {
    const cipher = createCipheriv('chacha20-poly1305', key, pieceNonce(counter++, last), { authTagLength: tagBytes });
    const text = cipher.update(piece);
    cipher.final();
    yield Buffer.concat([text, cipher.getAuthTag()]);
  }
}

/**
 * Decrypts an age v1 file. Every piece has been authenticated when it comes out; a file that was cut or changed throws,
 * so what came before must not be taken for the whole until this has ended. Throws when nothing opens the file.
 */
export async function* decryptStream(source: Source, unlock: Unlock): AsyncGenerator<Buffer> {
  const { head, rest } = await splitHeader(source);
  const end = headerEnd(head);
  if (end === undefined || head.length < end + nonceBytes) throw new Error('not a sound age file: it ends too early');
  const key = payloadKey(openHeader(head.subarray(0, end), unlock), head.subarray(end, end + nonceBytes));
  async function* payload(): AsyncGenerator<Uint8Array> {
    yield head.subarray((end as number) + nonceBytes);
    yield* rest;
  }
  let counter = 0;
  for await (const { piece, last } of inPieces(payload(), pieceBytes + tagBytes)) {
    if (piece.length < tagBytes || (piece.length === tagBytes && counter > 0)) {
      throw new Error('the encrypted file was cut');
    }
    const nonce = pieceNonce(counter++, last);
    const cipher = createDecipheriv('chacha20-poly1305', key, nonce, { authTagLength: tagBytes });
    cipher.setAuthTag(piece.subarray(piece.length - tagBytes));
    const text = cipher.update(piece.subarray(0, piece.length - tagBytes));
    try {
      cipher.final();
    } catch {
      throw new Error('the encrypted file was changed or cut');
    }
    if (text.length > 0) yield text;
  }
}

/** Reads until the header and the nonce are there; `rest` is what follows `head`. */
async function splitHeader(source: Source): Promise<{ head: Buffer; rest: AsyncGenerator<Uint8Array> }> {
  async function* each(): AsyncGenerator<Uint8Array> {
    yield* source;
  }
  const chunks = each();
  let head = Buffer.alloc(0);
  for (;;) {
    const end = headerEnd(head);
    if (end !== undefined && head.length >= end + nonceBytes) break;
    const { value, done } = await chunks.next();
    if (done) break;
    head = Buffer.concat([head, value]);
  }
  return { head, rest: chunks };
}
