import type { Socket } from 'node:net';
import { SextantError } from '../../errors/sextant-error.ts';
import type { ApiError } from './shapes/access.ts';

const timedOut = 'ERR_HTTP_REQUEST_TIMEOUT';

const statusLines: Record<string, { status: string; message: string }> = {
  [timedOut]: { status: '408 Request Timeout', message: 'the request did not come in time' },
  HPE_HEADER_OVERFLOW: { status: '431 Request Header Fields Too Large', message: 'the headers are too large' },
};
const malformed = { status: '400 Bad Request', message: 'this is not a well-formed HTTP request' };

/**
 * Answers what is no HTTP request at all, before there is a request that could be routed, and hangs up.
 *
 * A connection on which nothing has come is closed without a word: browsers open some in advance, and would take what was
 * said for the answer to the request that they send at that moment.
 */
export function answerClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  if (!socket.writable || (error.code === timedOut && socket.bytesRead === 0)) {
    socket.destroy();
    return;
  }
  const { status, message } = statusLines[error.code ?? ''] ?? malformed;
  const { code, nextStep } = new SextantError('SX_BAD_REQUEST', message);
  const body: ApiError = { error: { code, message, nextStep } };
  const text = JSON.stringify(body);
  const head = [
    `HTTP/1.1 ${status}`,
    'content-type: application/json; charset=utf-8',
    `content-length: ${Buffer.byteLength(text)}`,
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${text}`, () => socket.destroy());
}
