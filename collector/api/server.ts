import type { Server as HttpServer } from 'node:http';
import cookie from '@fastify/cookie';
import rateLimit from '@fastify/rate-limit';
import websocket from '@fastify/websocket';
import Fastify, { type FastifyInstance, type FastifyPluginAsync } from 'fastify';
import { SextantError } from '../../errors/sextant-error.ts';
import type { Log } from '../../logging/log.ts';
import { maxMessageBytes } from '../control/control-routes.ts';
import type { FinishedRequest } from '../self/request-durations.ts';
import { answerClientError } from './client-error.ts';
import { installErrorAnswers } from './error-answer.ts';
import { createTlsListener, type ServerTls, type TlsListener } from './https-server.ts';
import { type IdentifyOptions, identify } from './identify.ts';
import { knownParameters } from './known-parameters.ts';
import { lazyValidators } from './lazy-validators.ts';
import { patience } from './patience.ts';
import { pathOf } from './request-path.ts';
import { secureHeaders } from './secure-headers.ts';

const MiB = 1024 * 1024;
/** How long requests that are under way may take when the server closes. */
const defaultDrainMs = 1000;
const defaultStrangerBodyMs = 15_000;
const defaultSenderBodyMs = 60_000;
/** WebSocket close code (RFC 6455, 7.4.1). */
const goingAway = 1001;

export interface CollectorServer {
  readonly app: FastifyInstance;
  /** Returns the address that is listened on. Throws SX_PORT_TAKEN. */
  listen(options: { host: string; port: number }): Promise<{ host: string; port: number }>;
  useCertificate(tls: ServerTls): void;
  /** Takes no new request, lets those under way finish for a moment, then cuts every connection. */
  close(): Promise<void>;
}

export interface CollectorServerOptions {
  tls: ServerTls;
  log: Log;
  identify: IdentifyOptions;
  /** Told of each request that was answered. */
  onRequestDone?: (request: FinishedRequest) => void;
  /** Routes of the parts; each is encapsulated, so one part's parsers and hooks do not reach another's. */
  plugins: FastifyPluginAsync[];
  drainMs?: number;
  /** How long a connection may take until the head of its request is there. */
  headersMs?: number;
  strangerBodyMs?: number;
  senderBodyMs?: number;
}

/** The collector's one HTTPS server: dashboard, API, agents and their OTLP. Nothing is ever served in the clear. */
export async function createServer(options: CollectorServerOptions): Promise<CollectorServer> {
  const { log } = options;
  let listener: TlsListener | undefined;
  const app = Fastify({
    // fastify's types take an HTTPS server for another kind of application; what the routes see is the same.
    serverFactory: (handler) => {
      listener = createTlsListener(options.tls, handler, { headersMs: options.headersMs });
      return listener.server as unknown as HttpServer;
    },
    bodyLimit: MiB,
    clientErrorHandler: answerClientError,
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: 256 },
    schemaController: { compilersFactory: { buildValidator: lazyValidators() } },
  });
  // Text would let a form of another site post to us without asking first.
  app.removeContentTypeParser('text/plain');

  app.addHook('onResponse', async (request, reply) => {
    options.onRequestDone?.({
      method: request.method,
      route: request.routeOptions.url,
      status: reply.statusCode,
      seconds: reply.elapsedTime / 1000,
    });
    log.debug(
      {
        method: request.method,
        path: pathOf(request),
        status: reply.statusCode,
        ms: Math.round(reply.elapsedTime * 10) / 10,
        who: request.identity?.kind === 'node' ? request.identity.node : request.identity?.kind,
      },
      'request',
    );
  });
  installErrorAnswers(app, log);
  await app.register(secureHeaders);
  await app.register(cookie);
  await app.register(rateLimit, {
    global: false,
    errorResponseBuilder: (_request, { after }) =>
      new SextantError('SX_TOO_OFTEN', 'too many tries from this address', { nextStep: `try again in ${after}` }),
  });
  await app.register(identify, options.identify);
  await app.register(knownParameters);
  await app.register(patience, {
    strangerBodyMs: options.strangerBodyMs ?? defaultStrangerBodyMs,
    senderBodyMs: options.senderBodyMs ?? defaultSenderBodyMs,
  });
  await app.register(websocket, {
    options: { maxPayload: maxMessageBytes, perMessageDeflate: false },
    preClose(done) {
      for (const client of this.websocketServer.clients) client.close(goingAway, 'the collector is stopping');
      this.websocketServer.close();
      done();
    },
    errorHandler: (error, socket) => {
      log.debug({ error: error.message }, 'a WebSocket failed');
      socket.terminate();
    },
  });
  for (const plugin of options.plugins) await app.register(plugin);
  await app.ready();
  if (!listener) throw new Error('BUG: fastify made no server');
  const { server, useCertificate, cutAll } = listener;
  server.on('tlsClientError', (error: Error) => log.debug({ error: error.message }, 'a TLS handshake failed'));

  return {
    app,
    useCertificate,
    async listen({ host, port }) {
      try {
        await app.listen({ host, port });
      } catch (cause) {
        throw listenFailure(cause as NodeJS.ErrnoException, host, port);
      }
      const address = server.address();
      if (address === null || typeof address === 'string') throw new Error('BUG: listening on no port');
      return { host: address.address, port: address.port };
    },
    async close() {
      const deadline = setTimeout(cutAll, options.drainMs ?? defaultDrainMs);
      try {
        await app.close();
      } finally {
        clearTimeout(deadline);
        cutAll();
      }
    },
  };
}

function listenFailure(cause: NodeJS.ErrnoException, host: string, port: number): Error {
  if (cause.code === 'EADDRINUSE') {
    return new SextantError('SX_PORT_TAKEN', `port ${port} of ${host} is in use by another program`, { cause });
  }
  if (cause.code === 'EACCES') {
    return new SextantError('SX_PORT_TAKEN', `this user may not listen on port ${port} of ${host}`, {
      cause,
      nextStep: 'choose a port above 1023 with --port',
    });
  }
  if (cause.code === 'EADDRNOTAVAIL' || cause.code === 'ENOTFOUND') {
    return new SextantError('SX_CONFIG_INVALID', `collector.listen: this machine has no address ${host}`, { cause });
  }
  return cause;
}
