import { open } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TestAuthority } from '../../unit/agent/uplink/test-authority.ts';

/** The least that a collector can be: mutual TLS, what comes is appended to a file, 200 after fdatasync. */
export interface Receiver {
  url: string;
  /** Refuses everything with 503 until it is opened. */
  open(): void;
  bytes(): number;
  close(): Promise<void>;
}

export async function startReceiver(authority: TestAuthority, path: string): Promise<Receiver> {
  const file = await open(path, 'w');
  let isOpen = false;
  let bytes = 0;
  const server = createServer(
    { ...authority.server, ca: authority.ca, requestCert: true, rejectUnauthorized: true },
    async (request, answer) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      if (!isOpen) {
        answer.writeHead(503, { 'retry-after': '1' }).end();
        return;
      }
      await file.appendFile(Buffer.concat(chunks));
      await file.datasync();
      for (const chunk of chunks) bytes += chunk.length;
      answer.writeHead(200, { 'sextant-outcome': 'stored' }).end();
    },
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    open() {
      isOpen = true;
    },
    bytes: () => bytes,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await file.close();
    },
  };
}
