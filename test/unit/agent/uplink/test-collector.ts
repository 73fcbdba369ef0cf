import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { crc32 } from 'node:zlib';
import type { TestAuthority } from './test-authority.ts';

interface ReceivedRequest {
  path: string;
  method: string;
  headers: Record<string, string | string[] | undefined>;
  body: Buffer;
  /** Common name of the client certificate; undefined without a valid one. */
  node: string | undefined;
}

type Reaction = { status: number; headers?: Record<string, string>; body?: string } | 'drop' | 'store-then-drop';

/** A collector's receiving end as far as an agent can tell: mutual TLS, highest sequence wins, faults on demand. */
export interface TestCollector {
  url: string;
  /** Payloads stored, in the order they came. */
  stored: { stream: string; sequence: number; epoch: string; text: string }[];
  requests: ReceivedRequest[];
  /** Decides before the normal behaviour; undefined leaves it. */
  react: (request: ReceivedRequest) => Reaction | undefined | Promise<Reaction | undefined>;
  server: Server;
  close(): Promise<void>;
}

export async function createTestCollector(authority: TestAuthority, port = 0): Promise<TestCollector> {
  const highest = new Map<string, number>();
  const server = createServer(
    { ...authority.server, ca: authority.ca, requestCert: true, rejectUnauthorized: false },
    (request, answer) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk) => chunks.push(chunk));
      request.on('end', async () => {
        const socket = request.socket as TLSSocket;
        const received: ReceivedRequest = {
          path: request.url ?? '',
          method: request.method ?? '',
          headers: request.headers,
          body: Buffer.concat(chunks),
          node: socket.authorized ? (socket.getPeerCertificate().subject.CN as string) : undefined,
        };
        collector.requests.push(received);
        const reaction = await collector.react(received);
        if (reaction === 'drop') return void socket.destroy();
        if (reaction && reaction !== 'store-then-drop') {
          answer.writeHead(reaction.status, reaction.headers).end(reaction.body);
          return;
        }
        if (received.node === undefined) return void answer.writeHead(403).end();
        const stream = String(received.headers['sextant-stream']);
        const epoch = String(received.headers['sextant-epoch']);
        const sequence = Number(received.headers['sextant-sequence']);
        if (crc32(received.body).toString(16).padStart(8, '0') !== received.headers['sextant-crc32']) {
          return void answer.writeHead(400).end('checksum');
        }
        const key = `${received.node}/${stream}/${epoch}`;
        const duplicate = sequence <= (highest.get(key) ?? 0);
        if (!duplicate) {
          highest.set(key, sequence);
          collector.stored.push({ stream, sequence, epoch, text: received.body.toString() });
        }
        if (reaction === 'store-then-drop') return void socket.destroy();
        answer.writeHead(200, { 'sextant-outcome': duplicate ? 'duplicate' : 'stored' }).end();
      });
    },
  );
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const collector: TestCollector = {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stored: [],
    requests: [],
    react: () => undefined,
    server,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
  return collector;
}
