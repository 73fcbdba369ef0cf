import type { IncomingMessage } from 'node:http';
import { SextantError } from '../../errors/sextant-error.ts';
import type { BudgetShare } from './memory-budget.ts';

/**
 * Reads a request's body, counting it against the budget as it comes: a header that promises much costs nothing.
 * Throws SX_TOO_LARGE, SX_UNAVAILABLE, and SX_BAD_REQUEST for a body that ends before its time.
 */
export function readBody(
  request: IncomingMessage,
  { maxBytes, share }: { maxBytes: number; share: BudgetShare },
): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const chunks: Buffer[] = [];
  let size = 0;
  const refuse = (error: Error): void => {
    chunks.length = 0;
    request.off('data', onData).off('end', onEnd);
    // What still comes is not wanted, and not kept.
    request.resume();
    reject(error);
  };
  const onData = (chunk: Buffer): void => {
    size += chunk.length;
    try {
      if (size > maxBytes) throw tooLarge(maxBytes);
      share.take(chunk.length);
      chunks.push(chunk);
    } catch (error) {
      refuse(error as Error);
    }
  };
  const onEnd = (): void => resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, size));
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) {
    refuse(tooLarge(maxBytes));
    return promise;
  }
  request.on('data', onData).once('end', onEnd);
  request.once('close', () => {
    if (!request.complete) refuse(new SextantError('SX_BAD_REQUEST', 'the request ended in the middle of its body'));
  });
  request.once('error', () => refuse(new SextantError('SX_BAD_REQUEST', 'the body could not be read')));
  return promise;
}

const tooLarge = (maxBytes: number) => new SextantError('SX_TOO_LARGE', `the request is larger than ${maxBytes} bytes`);
