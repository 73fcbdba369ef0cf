import { Agent, type RequestOptions, request } from 'node:https';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Identity, tlsOptions } from '../identity/identity.ts';

export interface CollectorAnswer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: Buffer;
}

interface CollectorRequest {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  headers?: Record<string, string | number>;
  body?: Uint8Array | Readable;
  /** Ends the call when nothing moves for this long; 60 s. */
  idleTimeoutMs?: number;
  signal?: AbortSignal;
}

/** HTTPS to the collector with this node's certificate. One for uplink, renewal and uploads: connections are kept. */
export interface CollectorClient {
  readonly origin: string;
  /** Resolves with any answer, also 4xx and 5xx; rejects when there was none. */
  request(path: string, options: CollectorRequest): Promise<CollectorAnswer>;
  /** Uses another certificate from now on. */
  useIdentity(identity: Identity): void;
  close(): void;
}

/** Two streams must never wait behind the volumes of a bundle. */
const maxSockets = 16;
const defaultIdleTimeoutMs = 60_000;
/** Answers are a few bytes; anything longer is not from our collector. */
const maxAnswerBytes = 4 * 1024 * 1024;

/**
 * node:https and not undici: undici's import alone costs 14 to 27 MiB resident, and one request at a time per stream
 * needs nothing that it adds.
 */
export function createCollectorClient({
  collectorUrl,
  identity,
}: {
  collectorUrl: string;
  identity: Identity;
}): CollectorClient {
  const { origin } = new URL(collectorUrl);
  const newAgent = (from: Identity): Agent =>
    new Agent({ ...tlsOptions(from), keepAlive: true, maxSockets, maxFreeSockets: 4, scheduling: 'lifo' });
  let agent = newAgent(identity);

  return {
    origin,
    request(path, options) {
      const { promise, resolve, reject } = Promise.withResolvers<CollectorAnswer>();
      const { body, headers, method, signal } = options;
      const idleTimeoutMs = options.idleTimeoutMs ?? defaultIdleTimeoutMs;
      const stream = body !== undefined && !(body instanceof Uint8Array) ? body : undefined;
      const requestOptions: RequestOptions = {
        agent,
        method,
        timeout: idleTimeoutMs,
        headers: { ...headers, ...(body instanceof Uint8Array && { 'content-length': body.length }) },
        ...(signal && { signal }),
      };
      const call = request(new URL(path, origin), requestOptions, (answer) => {
        const chunks: Buffer[] = [];
        let bytes = 0;
        answer.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
          if (bytes > maxAnswerBytes) answer.destroy(new Error('the answer is too long'));
          else chunks.push(chunk);
        });
        answer.on('error', reject);
        answer.on('end', () =>
          resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(chunks) }),
        );
      });
      call.on('timeout', () => call.destroy(new Error(`no answer from ${origin} within ${idleTimeoutMs} ms`)));
      call.on('error', reject);
      if (stream) pipeline(stream, call).catch(reject);
      else call.end(body);
      return promise;
    },
    useIdentity(next) {
      const old = agent;
      agent = newAgent(next);
      // Calls under way finish on their own connections; idle ones go now.
      for (const sockets of Object.values(old.freeSockets)) for (const socket of sockets ?? []) socket.destroy();
    },
    close: () => agent.destroy(),
  };
}
