import { lengthPrefix } from '../../protocol/batch.ts';

/**
 * An `Export*ServiceResponse` to a request of which every record was taken: empty, or with a `partial_success` that
 * rejects none and warns of what was left out in them (OTLP 1.x, "Partial Success"). It has the same field numbers for
 * every signal.
 */
export function exportResponse(format: 'protobuf' | 'json', warning: string | undefined): Buffer {
  if (format === 'json')
    return Buffer.from(JSON.stringify(warning ? { partialSuccess: { errorMessage: warning } } : {}));
  return warning ? field(1, field(2, Buffer.from(warning))) : Buffer.alloc(0);
}

const field = (number: number, content: Buffer): Buffer =>
  Buffer.concat([lengthPrefix(number * 8 + 2), lengthPrefix(content.length), content]);
