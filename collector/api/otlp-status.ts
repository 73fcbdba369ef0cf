import { lengthPrefix } from '../../protocol/batch.ts';

/**
 * A `google.rpc.Status` with a message only, in Protobuf: the body that OTLP/HTTP demands of every answer that is
 * not a success. Its `code` may be left out (OTLP 1.x, "Failures").
 */
export function otlpStatus(message: string): Buffer {
  const text = Buffer.from(message);
  const messageField = 2 * 8 + 2;
  return Buffer.concat([Buffer.from([messageField]), lengthPrefix(text.length), text]);
}

/** The same in JSON. */
export const jsonStatus = (message: string): Buffer => Buffer.from(JSON.stringify({ message }));
