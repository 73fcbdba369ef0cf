import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';

const pieceBytes = 64 * 1024;

/**
 * Answers with a text in pieces, as its reader takes them. A reader that takes none of 64 KiB for `stalledMs` is cut off:
 * it holds up what the answer is made from.
 */
export function sendPieces(reply: FastifyReply, texts: Iterable<string>, stalledMs: number): FastifyReply {
  const stalled = setTimeout(() => reply.raw.destroy(), stalledMs);
  hasLeft(reply).then(() => clearTimeout(stalled));
  function* watched(): Generator<Buffer> {
    for (const piece of pieces(texts)) {
      stalled.refresh();
      yield piece;
    }
  }
  return reply.send(Readable.from(watched(), { objectMode: false, highWaterMark: pieceBytes }));
}

function* pieces(texts: Iterable<string>): Generator<Buffer> {
  let waiting = '';
  for (const text of texts) {
    waiting += text;
    if (waiting.length < pieceBytes) continue;
    yield* cut(waiting);
    waiting = '';
  }
  yield* cut(waiting);
}

function* cut(text: string): Generator<Buffer> {
  const bytes = Buffer.from(text);
  for (let from = 0; from < bytes.length; from += pieceBytes) yield bytes.subarray(from, from + pieceBytes);
}

/** Resolves when the answer has gone to the operating system, or its connection is closed. */
export function hasLeft({ raw }: FastifyReply): Promise<void> {
  return new Promise((resolve) => {
    if (raw.destroyed || raw.writableFinished) return resolve();
    raw.once('finish', resolve);
    raw.once('close', resolve);
  });
}
