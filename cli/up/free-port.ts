import { createServer } from 'node:net';
import { SextantError } from '../../errors/sextant-error.ts';

/**
 * Resolves with a port that can be listened on now: the one asked for, or any free one for 0.
 * Rejects with SX_PORT_TAKEN when it cannot be had, before anything has been written.
 */
export function findPort(host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const reason = cause.code === 'EADDRINUSE' ? 'is taken by another program' : `cannot be used: ${cause.message}`;
      reject(new SextantError('SX_PORT_TAKEN', `port ${port} on ${host} ${reason}`, { cause }));
    });
    server.listen({ host, port, exclusive: true }, () => {
      const address = server.address();
      const found = typeof address === 'object' && address ? address.port : port;
      server.close(() => resolve(found));
    });
  });
}
