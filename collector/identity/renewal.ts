import type { Log } from '../../logging/log.ts';
import type { CollectorIdentity } from './open-identity.ts';

type ServerTls = Awaited<ReturnType<CollectorIdentity['serverTls']>>['tls'];

const checkEveryMs = 6 * 3_600_000;

/** Looks after the server's certificate and hands a new one to all that serve with it, until the returned function is called. */
export function keepCertificateFresh(
  identity: Pick<CollectorIdentity, 'serverTls'>,
  servers: readonly { useCertificate(tls: ServerTls): void }[],
  log: Log,
): () => void {
  const timer = setInterval(() => {
    identity
      .serverTls()
      .then(({ tls, renewed }) => {
        if (renewed) for (const server of servers) server.useCertificate(tls);
      })
      .catch((error) => log.error({ err: error }, 'cannot renew the server certificate'));
  }, checkEveryMs);
  return () => clearInterval(timer);
}
