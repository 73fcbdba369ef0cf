import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import { whileTaken } from './watching.ts';

export interface ServerSentEvent {
  id?: string;
  /** `message` for a browser when absent. */
  event?: string;
  data: unknown;
}

/** A comment, which a reader skips: it only shows that the connection lives. */
export const heartbeat = ': heartbeat\n\n';

/** An event as text (HTML, section 9.2); its data as JSON is one line whatever it holds. */
export const formatEvent = ({ id, event, data }: ServerSentEvent): string =>
  `${id === undefined ? '' : `id: ${id}\n`}${event === undefined ? '' : `event: ${event}\n`}data: ${JSON.stringify(data)}\n\n`;

/**
 * Answers with server-sent events, each as soon as it is there and only when there is room for it. A reader that takes
 * nothing for `stalledMs` is cut off; it may come again with the id of the last event that it got.
 */
export function sendEvents(
  reply: FastifyReply,
  chunks: AsyncIterable<string>,
  { retryMs, stalledMs }: { retryMs: number; stalledMs: number },
): FastifyReply {
  async function* all(): AsyncGenerator<string> {
    yield `retry: ${retryMs}\n\n`;
    yield* whileTaken(reply, chunks, stalledMs);
  }
  reply.type('text/event-stream; charset=utf-8').header('x-accel-buffering', 'no');
  return reply.send(Readable.from(all(), { objectMode: false, highWaterMark: 64 * 1024 }));
}
