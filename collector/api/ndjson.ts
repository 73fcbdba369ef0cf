import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { whileTaken } from './watching.ts';

const ndjsonType = 'application/x-ndjson';

/** Whether the caller asked for one JSON object a line. */
export function wantsNdjson(request: FastifyRequest): boolean {
  return (request.headers.accept ?? '').includes(ndjsonType);
}

/** Lines are handed to the socket in pieces of about this size: a write per line costs more than the line. */
const pieceBytes = 64 * 1024;

async function* pieces(rows: AsyncIterable<unknown>, bytes: number): AsyncGenerator<string> {
  let piece = '';
  for await (const row of rows) {
    piece += `${JSON.stringify(row)}\n`;
    if (piece.length >= bytes) {
      yield piece;
      piece = '';
    }
  }
  if (piece) yield piece;
}

/**
 * Answers with one JSON object a line, as fast as the reader takes them: rows are only produced when there is room.
 * The first row is waited for, so that a refused query still gets a proper error answer; a failure after that breaks
 * the connection off, which tells the reader that the answer is not whole. With `atOnce` nothing is waited for or held
 * back, for rows that come slowly; who takes nothing of them for `stalledMs` is cut off.
 */
export async function sendNdjson(
  reply: FastifyReply,
  rows: AsyncIterable<unknown>,
  { atOnce = false, stalledMs = 60_000 }: { atOnce?: boolean; stalledMs?: number } = {},
): Promise<FastifyReply> {
  reply.type(`${ndjsonType}; charset=utf-8`);
  if (atOnce) {
    // The headers have to leave although there may be no row for long.
    const stream = Readable.from(whileTaken(reply, pieces(rows, 1), stalledMs), { objectMode: false });
    reply.raw.once('pipe', () => reply.raw.flushHeaders());
    return reply.send(stream);
  }
  const iterator = pieces(rows, pieceBytes);
  const first = await iterator.next();
  async function* all() {
    if (first.done) return;
    yield first.value;
    yield* iterator;
  }
  return reply.send(Readable.from(all(), { objectMode: false }));
}

/** Aborts when the caller hangs up, and at the latest when the answer has gone: nothing works on for it after that. */
export function hangUpSignal(reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  reply.raw.once('close', () => controller.abort());
  return controller.signal;
}
