import type { FastifyReply } from 'fastify';
import type { Answer } from '../prometheus/prometheus.ts';
import type { writeResult } from '../prometheus/write-result.ts';
import { sendPieces } from './send-pieces.ts';

type WriteResult = typeof writeResult;

const truncated = 'results truncated due to limit';

interface Sending {
  /** How many series or names, if not all. */
  most?: number | undefined;
  stalledMs: number;
}

const json = 'application/json; charset=utf-8';

/** Answers with a list, each item written when its turn comes. */
export function sendList<Item>(
  reply: FastifyReply,
  items: Item[],
  write: (item: Item) => unknown,
  { most = 0, stalledMs }: Sending,
): FastifyReply {
  const isCut = most > 0 && items.length > most;
  function* texts(): Generator<string> {
    yield '{"status":"success","data":[';
    let separator = '';
    for (const item of isCut ? items.slice(0, most) : items) {
      yield `${separator}${JSON.stringify(write(item))}`;
      separator = ',';
    }
    yield isCut ? `],"warnings":${JSON.stringify([truncated])}}` : ']}';
  }
  return sendPieces(reply.type(json), texts(), stalledMs);
}

/** Answers with the result of a query. */
export function sendAnswer(
  writeResult: WriteResult,
  reply: FastifyReply,
  { result, warnings }: Answer,
  { most = 0, stalledMs }: Sending,
): FastifyReply {
  if ('series' in result && most > 0 && result.series.length > most) {
    result.series.length = most;
    warnings = [...warnings, truncated];
  }
  return sendPieces(reply.type(json), writeResult(result, warnings), stalledMs);
}
