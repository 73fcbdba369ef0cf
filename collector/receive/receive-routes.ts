import type { FastifyPluginAsync, FastifyRequest } from 'fastify';
import { SextantError } from '../../errors/sextant-error.ts';
import { outcomeHeader, signals } from '../../protocol/headers.ts';
import { exportResponse } from './export-response.ts';
import type { BudgetShare } from './memory-budget.ts';
import { createOtlpIntake, type IngestIdentity, type IntakeParts } from './otlp-intake.ts';
import { readBody } from './read-body.ts';

const protobuf = 'application/x-protobuf';
const json = 'application/json';
const otherMethods = ['GET', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

interface Body {
  bytes: Buffer;
  share: BudgetShare;
}

/**
 * OTLP/HTTP, Protobuf and JSON: `POST /v1/logs`, `/v1/metrics`, `/v1/traces`, from nodes and senders. Answers 200 after
 * the journal's fsync; 400 for what is no export request, 405 for other methods, 413 above the size limit, 415 for other
 * encodings, 429 and 503 with Retry-After when the sender must wait.
 */
export function receiveRoutes(capabilities: IntakeParts): FastifyPluginAsync {
  const maxBytes = capabilities.settings['collector.limits.requestBytes'];
  const intake = createOtlpIntake(capabilities);

  return async function receiveRoutes(app) {
    app.removeAllContentTypeParsers();
    app.addContentTypeParser([protobuf, json], async (request: FastifyRequest): Promise<Body> => {
      const share = intake.openShare(ingestIdentity(request));
      try {
        return { bytes: await readBody(request.raw, { maxBytes, share }), share };
      } catch (error) {
        share.release();
        throw error;
      }
    });
    app.addContentTypeParser('*', (request, _payload, done) => {
      const type = request.headers['content-type'] ?? 'no Content-Type';
      done(new SextantError('SX_MEDIA_TYPE', `${type} is not taken here`));
    });

    for (const signal of signals) {
      const url = `/v1/${signal}`;
      app.post<{ Body: Body | undefined | null }>(url, async (request, reply) => {
        const from = ingestIdentity(request);
        const { headers } = request;
        if (headers['content-type'] === undefined) throw new SextantError('SX_MEDIA_TYPE', 'no Content-Type');
        const format = isJson(headers['content-type']) ? 'json' : 'protobuf';
        // fastify asks no parser when there is no body.
        const { bytes, share } = request.body ?? { bytes: Buffer.alloc(0), share: intake.openShare(from) };
        const { outcome, warning } = await intake.deliver({
          signal,
          from,
          format,
          body: bytes,
          encoding: headers['content-encoding'],
          headers,
          share,
        });
        // Not with type(), which adds a charset: some clients look for the bare name.
        reply.header(outcomeHeader, outcome).header('content-type', format === 'json' ? json : protobuf);
        return reply.send(exportResponse(format, warning));
      });
      app.route({
        method: otherMethods,
        url,
        onRequest: async (request, reply) => {
          reply.header('allow', 'POST');
          throw new SextantError('SX_METHOD', `${url} takes no ${request.method}`);
        },
        handler: async () => undefined,
      });
    }
  };
}

const isJson = (contentType: string): boolean => contentType.split(';', 1)[0]?.trim().toLowerCase() === json;

function ingestIdentity({ identity }: FastifyRequest): IngestIdentity {
  if (identity.kind === 'node' || identity.kind === 'sender') return identity;
  throw new SextantError('SX_CLIENT_CERTIFICATE', 'this is for enrolled nodes and senders with a token');
}
