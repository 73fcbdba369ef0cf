import type { Server } from 'node:net';
import { SextantError } from '../../errors/sextant-error.ts';

/** Listens and returns the port. Throws SX_PORT_TAKEN and SX_CONFIG_INVALID, naming the setting. */
export async function listenForOtlp(
  server: Server,
  at: { host: string; port: number; setting: string },
): Promise<number> {
  const { host, port, setting } = at;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.listen({ host, port }, resolve);
  await promise.catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'EADDRINUSE') {
      throw new SextantError('SX_PORT_TAKEN', `port ${port} of ${host}, for OTLP, is in use by another program`, {
        cause,
        nextStep: `free the port or choose another with ${setting}`,
      });
    }
    if (cause.code === 'EACCES') {
      throw new SextantError('SX_PORT_TAKEN', `this user may not listen on port ${port} of ${host}, for OTLP`, {
        cause,
        nextStep: `choose a port above 1023 with ${setting}`,
      });
    }
    if (cause.code === 'EADDRNOTAVAIL' || cause.code === 'ENOTFOUND') {
      throw new SextantError('SX_CONFIG_INVALID', `collector.otlp.listen: this machine has no address ${host}`, {
        cause,
      });
    }
    throw cause;
  });
  server.off('error', reject);
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('BUG: listening on no port');
  return address.port;
}
