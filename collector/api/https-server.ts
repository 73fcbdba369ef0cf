import type { RequestListener } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { Socket } from 'node:net';

/** What the server presents and whom it believes; PEM. */
export interface ServerTls {
  /** Own certificate, then the authority's. */
  chainPem: string;
  keyPem: string;
  /** Client certificates must come from here. */
  authorityPem: string;
}

const second = 1000;
/** Longer than browsers keep connections that they opened in advance: Chromium closes them within 20 s. */
export const defaultHeadersMs = 30 * second;

/** TLS 1.2 for browsers that have no more; our own parts speak 1.3. */
const secureContext = (tls: ServerTls) =>
  ({ cert: tls.chainPem, key: tls.keyPem, ca: tls.authorityPem, minVersion: 'TLSv1.2' }) as const;

export interface TlsListener {
  server: Server;
  /** New connections get the new certificate; open ones keep theirs. */
  useCertificate(tls: ServerTls): void;
  /** Cuts whatever is still connected: requests, streams, WebSockets, half-open handshakes. */
  cutAll(): void;
}

/**
 * An HTTPS server that asks every client for a certificate and lets those without one in all the same: which route
 * demands what is decided per request.
 */
export function createTlsListener(
  tls: ServerTls,
  handler: RequestListener,
  { headersMs = defaultHeadersMs }: { headersMs?: number | undefined } = {},
): TlsListener {
  const server = createServer(
    {
      ...secureContext(tls),
      requestCert: true,
      rejectUnauthorized: false,
      ALPNProtocols: ['http/1.1'],
      handshakeTimeout: 10 * second,
      connectionsCheckingInterval: headersMs,
    },
    handler,
  );
  server.headersTimeout = headersMs;
  // A volume of a bundle over a slow line takes its time; anything slower is cut.
  server.requestTimeout = 30 * 60 * second;
  // Longer than an agent's pause between two batches, so that it keeps its connection.
  server.keepAliveTimeout = 75 * second;
  server.maxConnections = 4096;

  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  return {
    server,
    useCertificate: (next) => server.setSecureContext(secureContext(next)),
    cutAll() {
      for (const socket of sockets) socket.destroy();
    },
  };
}
