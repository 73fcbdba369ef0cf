import type { FastifyPluginAsync } from 'fastify';
import type { Settings } from '../../config/settings.ts';
import { SextantError } from '../../errors/sextant-error.ts';
import type { Log } from '../../logging/log.ts';
import { outcomeHeader, signals } from '../../protocol/headers.ts';
import type { Journal } from '../journal/journal.ts';
import { decompress } from './decompress.ts';
import { demandChecksum, readNumbering } from './numbering.ts';
import { walkRequest } from './walk.ts';

const protobuf = 'application/x-protobuf';
/** An Export*ServiceResponse with nothing rejected is an empty message. */
const allAccepted = Buffer.alloc(0);
const retryAfterSeconds = 1;

/**
 * OTLP/HTTP (Protobuf) from nodes: `POST /v1/logs`, `/v1/metrics`, `/v1/traces`. Answers 200 after the journal's fsync.
 * 400 for bytes that are no export request, 413 above the size limit, 415 for other encodings, 429 and 503 with
 * Retry-After when it must wait.
 */
export function receiveRoutes(capabilities: { journal: Journal; settings: Settings; log: Log }): FastifyPluginAsync {
  const { journal, settings, log } = capabilities;
  const maxBytes = settings['collector.limits.requestBytes'];

  return async function receiveRoutes(app) {
    app.removeAllContentTypeParsers();
    app.addContentTypeParser(protobuf, { parseAs: 'buffer', bodyLimit: maxBytes }, (_request, body, done) => {
      done(null, body);
    });
    app.addContentTypeParser('*', (request, _payload, done) => {
      const type = request.headers['content-type'] ?? 'no Content-Type';
      done(new SextantError('SX_MEDIA_TYPE', `${type} is not taken here, OTLP in JSON neither`));
    });

    for (const signal of signals) {
      app.post(`/v1/${signal}`, { preHandler: app.requireNode, bodyLimit: maxBytes }, async (request, reply) => {
        const { identity, headers, body } = request;
        if (identity.kind !== 'node') throw new Error('BUG: past requireNode without a node');
        if (body !== undefined && body !== null && !Buffer.isBuffer(body))
          throw new Error('BUG: a body that is no Buffer');
        if (!Buffer.isBuffer(body) && headers['content-type'] === undefined) {
          throw new SextantError('SX_MEDIA_TYPE', 'no Content-Type');
        }
        try {
          const numbering = readNumbering(headers);
          const received = Buffer.isBuffer(body) ? body : Buffer.alloc(0);
          const bytes = await decompress(received, headers['content-encoding'], maxBytes);
          demandChecksum(headers, bytes);
          const { records, outline } = walkRequest(signal, bytes);
          const outcome = await journal.append({
            signal,
            node: identity.node,
            bytes,
            records,
            outline,
            ...(numbering && { numbering }),
          });
          return reply.header(outcomeHeader, outcome).type(protobuf).send(allAccepted);
        } catch (error) {
          if (error instanceof SextantError && (error.status === 429 || error.status === 503)) {
            reply.header('retry-after', retryAfterSeconds);
          } else if (error instanceof SextantError) {
            log.warn({ node: identity.node, signal, code: error.code, message: error.message }, 'refused a batch');
          }
          throw error;
        }
      });
    }
  };
}
