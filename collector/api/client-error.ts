import type { Socket } from 'node:net';
import { SextantError } from '../../errors/sextant-error.ts';
import type { ApiError } from './shapes/access.ts';

/** Answers what is no HTTP request at all, before there is a request that could be routed, and hangs up. */
export function answerClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const { message, code, nextStep } = new SextantError('SX_BAD_REQUEST', 'this is not a well-formed HTTP request');
  const body: ApiError = { error: { code, message, nextStep } };
  const text = JSON.stringify(body);
  const head = [
    'HTTP/1.1 400 Bad Request',
    'content-type: application/json; charset=utf-8',
    `content-length: ${Buffer.byteLength(text)}`,
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${text}`, () => socket.destroy());
}
