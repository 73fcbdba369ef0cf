import { createServer, type Server } from 'node:http';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import Fastify from 'fastify';
import fastifyPlugin from 'fastify-plugin';
import { answerClientError } from '../api/client-error.ts';
import { installErrorAnswers } from '../api/error-answer.ts';
import { createTlsListener, defaultHeadersMs, type ServerTls } from '../api/https-server.ts';
import { patience } from '../api/patience.ts';
import type { IdentifyCaller } from './otlp-caller.ts';
import type { IntakeParts } from './otlp-intake.ts';
import { listenForOtlp } from './otlp-listening.ts';
import { receiveRoutes } from './receive-routes.ts';

export interface OtlpServer {
  listen(at: { host: string; port: number; setting: string }): Promise<number>;
  useCertificate(tls: ServerTls): void;
  /** Takes nothing new, lets what is under way finish for a moment, then cuts every connection. */
  close(): Promise<void>;
}

export interface OtlpServerParts extends IntakeParts {
  identifyCaller: IdentifyCaller;
  /** In the clear without. */
  tls: ServerTls | undefined;
  /** How long a request may take to send itself. */
  bodyMs?: number;
}

const second = 1000;
export const defaultBodyMs = 60 * second;
export const drainMs = 1000;

/** OTLP/HTTP on a port of its own: nothing else is served there. */
export async function createOtlpHttpServer(parts: OtlpServerParts): Promise<OtlpServer> {
  const { log, identifyCaller, tls, bodyMs = defaultBodyMs } = parts;
  let listener: ReturnType<typeof createPlainListener> | undefined;
  const app = Fastify({
    serverFactory: (handler) => {
      // fastify's types take an HTTPS server for another kind of application; what the routes see is the same.
      const secure = tls && (createTlsListener(tls, handler) as unknown as ReturnType<typeof createPlainListener>);
      listener = secure ?? createPlainListener(createServer(handler));
      return listener.server;
    },
    clientErrorHandler: answerClientError,
    forceCloseConnections: 'idle',
  });
  installErrorAnswers(app, log);
  await app.register(
    fastifyPlugin(
      async (instance) => {
        instance.decorateRequest('identity');
        instance.addHook('onRequest', async (request) => {
          request.identity = { kind: 'none' };
          const { socket } = request.raw;
          const certificate =
            socket instanceof TLSSocket && socket.authorized ? socket.getPeerX509Certificate() : undefined;
          request.identity = identifyCaller({
            authorization: request.headers.authorization,
            fingerprint: certificate?.fingerprint256,
          });
        });
      },
      { name: 'identify' },
    ),
  );
  await app.register(patience, { strangerBodyMs: bodyMs, senderBodyMs: bodyMs });
  await app.register(receiveRoutes(parts));
  await app.ready();
  if (!listener) throw new Error('BUG: fastify made no server');
  const { server, cutAll, useCertificate } = listener;
  server.on('tlsClientError', (error: Error) => log.debug({ error: error.message }, 'a TLS handshake failed'));

  return {
    useCertificate,
    listen: (at) => listenForOtlp(server, at),
    async close() {
      const deadline = setTimeout(cutAll, drainMs);
      try {
        await app.close();
        if (server.listening) await new Promise((resolve) => server.close(resolve));
      } finally {
        clearTimeout(deadline);
        cutAll();
      }
    },
  };
}

function createPlainListener(server: Server) {
  server.headersTimeout = defaultHeadersMs;
  server.keepAliveTimeout = 75 * second;
  server.maxConnections = 4096;
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  return {
    server,
    useCertificate: (_: ServerTls): void => {},
    cutAll() {
      for (const socket of sockets) socket.destroy();
    },
  };
}
