import type { FastifyReply } from 'fastify';
import { SextantError } from '../../errors/sextant-error.ts';

/** Bounds how many watch what arrives: each asks storage twice a second. */
export function createWatchers(most: number): { admit(reply: FastifyReply): void } {
  let watching = 0;
  return {
    /** Throws SX_TOO_OFTEN when there is no place; a place is free again when the connection is closed. */
    admit(reply) {
      if (watching >= most) throw new SextantError('SX_TOO_OFTEN', `${most} others are watching already`);
      watching += 1;
      reply.raw.once('close', () => {
        watching -= 1;
      });
    },
  };
}

/** Passes an answer's pieces on and cuts off a reader that takes nothing for so long. */
export async function* whileTaken(
  reply: FastifyReply,
  pieces: AsyncIterable<string>,
  stalledMs: number,
): AsyncGenerator<string> {
  for await (const piece of pieces) {
    const timer = setTimeout(() => reply.raw.destroy(), stalledMs);
    try {
      yield piece;
    } finally {
      clearTimeout(timer);
    }
  }
}
