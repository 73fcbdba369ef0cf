import { createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type SecureContextOptions, type TLSSocket } from 'node:tls';
import type { Log } from '../../../logging/log.ts';
import type { ServerTls } from '../../api/https-server.ts';
import { type ConnectionOptions, readConnection } from './connection.ts';
import type { Intake } from './intake.ts';
import { listenFailure } from './listen-failure.ts';
import { plainAddress, type SyslogPeers } from './peers.ts';
import type { Refusals } from './refusals.ts';
import { whileItMoves } from './while-it-moves.ts';

export interface StreamListener {
  /** Returns the port. Throws SX_PORT_TAKEN. */
  listen(at: { host: string; port: number }): Promise<number>;
  /** New connections get the new certificate; open ones keep theirs. */
  useCertificate(tls: ServerTls): void;
  connections(): number;
  /** Takes no new connection and ends those that there are. */
  close(): Promise<void>;
}

interface StreamListenerOptions extends ConnectionOptions {
  maxConnections: number;
}

/** Handshakes that may be under way beside the connections of peers. */
const maxHandshakes = 64;
const handshakeTimeoutMs = 10_000;
/** What is on its way when we close is read for as long as it comes. */
const lastWords = { stillMs: 300, atMostMs: 1500 };
/** How often an open connection is asked whether its peer still may. */
const askAgainMs = 5000;

/**
 * No authority is named to clients: those on Windows send no certificate when the one that signed theirs is not on the
 * list. Which certificates are good, their fingerprints tell; TLS has proved that the client holds the key.
 */
const secureContext = ({ chainPem, keyPem }: ServerTls): SecureContextOptions => ({
  cert: chainPem,
  key: keyPem,
  ca: [],
  minVersion: 'TLSv1.2',
});

/** Takes syslog over TCP: with `tls` inside TLS (RFC 5425), without it in the clear. */
export function createStreamListener(
  parts: { intake: Intake; peers: SyslogPeers; refusals: Refusals; log: Log; nowMs: () => number },
  options: StreamListenerOptions,
  tls?: ServerTls,
): StreamListener {
  const { intake, peers, refusals, log, nowMs } = parts;
  /** Of peers, decrypted when there is TLS. */
  const admitted = new Set<Socket>();
  /** All that there are, as they came off the wire. */
  const sockets = new Set<Socket>();
  const transport = tls ? 'tls' : 'tcp';

  const accept = (socket: Socket, fingerprint?: string): void => {
    const address = plainAddress(socket.remoteAddress ?? '');
    const peer = peers.identify({ address, fingerprint });
    const why = peer === undefined ? 'it is no peer' : 'there are too many connections';
    if (peer === undefined || admitted.size >= options.maxConnections) {
      refusals.refuse({ address, transport, why });
      socket.destroy();
      return;
    }
    admitted.add(socket);
    socket.once('close', () => admitted.delete(socket));
    let askedMs = nowMs();
    const stillAllowed = (): boolean => {
      if (nowMs() - askedMs < askAgainMs) return true;
      askedMs = nowMs();
      return peers.identify({ address, fingerprint }) === peer;
    };
    log.debug({ peer, address }, 'a syslog peer is connected');
    readConnection(socket, { intake, origin: { peer, address, transport: 'tcp' }, stillAllowed }, options);
  };

  let server: Server;
  let useCertificate = (_: ServerTls): void => {};
  if (tls) {
    const secure = createTlsServer(
      { ...secureContext(tls), requestCert: true, rejectUnauthorized: false, handshakeTimeout: handshakeTimeoutMs },
      (socket: TLSSocket) => {
        socket.on('error', (error) => log.debug({ error: error.message }, 'a syslog connection failed'));
        const certificate = socket.getPeerX509Certificate();
        accept(socket, certificate?.fingerprint256.replaceAll(':', '').toLowerCase());
      },
    );
    secure.on('tlsClientError', (error) => log.debug({ error: error.message }, 'a TLS handshake for syslog failed'));
    useCertificate = (next) => secure.setSecureContext(secureContext(next));
    server = secure;
  } else {
    server = createTcpServer((socket) => {
      socket.on('error', (error) => log.debug({ error: error.message }, 'a syslog connection failed'));
      accept(socket);
    });
  }
  server.maxConnections = options.maxConnections + 2 * maxHandshakes;
  server.on('drop', () => refusals.refuse({ address: '', transport, why: 'there are too many connections' }));
  server.on('connection', (socket: Socket) => {
    const address = plainAddress(socket.remoteAddress ?? '');
    // Strangers that begin handshakes must not keep out a peer, which its address tells before its certificate does.
    if (sockets.size - admitted.size >= maxHandshakes && peers.identify({ address }) === undefined) {
      refusals.refuse({ address, transport, why: 'there are too many handshakes' });
      socket.destroy();
      return;
    }
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });

  return {
    useCertificate,
    connections: () => admitted.size,
    async listen({ host, port }) {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      server.once('error', reject);
      server.listen({ host, port }, resolve);
      await promise.catch((cause) => {
        throw listenFailure(cause, { host, port, transport: 'TCP' });
      });
      server.on('error', (error) => log.error({ err: error }, 'the syslog listener failed'));
      const address = server.address();
      if (address === null || typeof address === 'string') throw new Error('BUG: listening on no port');
      return address.port;
    },
    async close() {
      if (!server.listening) return;
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      // What is on its way to us is still read: the peer takes it for delivered.
      for (const socket of admitted) socket.end();
      // What was read is taken in turns, and nothing more is read meanwhile: that is no standstill.
      const moved = () => [...sockets].reduce((sum, { bytesRead }) => sum + bytesRead, intake.taken());
      const done = whileItMoves(moved, lastWords, () => {
        for (const socket of sockets) socket.destroy();
      });
      await closed;
      done();
    },
  };
}
