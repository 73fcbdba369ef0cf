import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { connect as connectPlain, isIP, type Socket } from 'node:net';
import { connect as connectTls, type SecureContext, type TLSSocket } from 'node:tls';
import { type CertificateFacts, chainOf, factsOf } from './certificates.ts';
import { tlsTrouble } from './probe.ts';

/** Enough for what a probe reads; the rest of a longer answer is not read. */
const maxBodyBytes = 256 * 1024;

export interface WebAnswer {
  status: number;
  body: Buffer;
  /** Whole time, from the look-up of the name to the end of the answer. */
  seconds: number;
  /** What the server showed; empty without TLS. */
  chain: CertificateFacts[];
  /** Why the certificate is not to be trusted: `tls_expired`. */
  trouble?: string;
}

interface WebRequest {
  url: URL;
  method: string;
  trust: SecureContext;
  timeoutMs: number;
  signal: AbortSignal;
  /** Largest body that is read. */
  maxBytes?: number;
}

/**
 * One request on a connection of its own. A certificate that is not to be trusted is reported with what was answered
 * all the same, except to a request with a client certificate, which is not sent then (status 0). Follows no redirect.
 * Rejects when there was no answer in time.
 */
export async function askWeb({ url, method, trust, ...limits }: WebRequest, identified = false): Promise<WebAnswer> {
  const started = performance.now();
  const deadline = AbortSignal.any([limits.signal, AbortSignal.timeout(limits.timeoutMs)]);
  const secure = url.protocol === 'https:';
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const port = Number(url.port || (secure ? 443 : 80));
  const socket: Socket = secure
    ? connectTls({
        host,
        port,
        secureContext: trust,
        rejectUnauthorized: false,
        ...(isIP(host) === 0 && { servername: host }),
      })
    : connectPlain({ host, port });
  // Each failure is told by what waits for the socket; none may be the last word of the process.
  socket.on('error', () => undefined);
  const onAbort = (): void => {
    socket.destroy(deadline.reason as Error);
  };
  deadline.addEventListener('abort', onAbort, { once: true });
  try {
    await once(socket, secure ? 'secureConnect' : 'connect', { signal: deadline });
    const shown = secure ? whatWasShown(socket as TLSSocket) : { chain: [] };
    if (shown.trouble !== undefined && identified) {
      return { status: 0, body: Buffer.alloc(0), seconds: (performance.now() - started) / 1000, ...shown };
    }
    const { status, body } = await exchange(socket, { url, method, maxBytes: limits.maxBytes ?? maxBodyBytes });
    return { status, body, seconds: (performance.now() - started) / 1000, ...shown };
  } catch (error) {
    throw deadline.aborted && !limits.signal.aborted ? deadline.reason : error;
  } finally {
    deadline.removeEventListener('abort', onAbort);
    socket.destroy();
  }
}

/** Certificates of a connection that is up, and why they are not to be trusted. */
export function whatWasShown(socket: TLSSocket): Pick<WebAnswer, 'chain' | 'trouble'> {
  const leaf = socket.getPeerX509Certificate();
  const chain = leaf ? chainOf(leaf).map(factsOf) : [];
  if (socket.authorized) return { chain };
  // Typed as an Error, is a code.
  return { chain, trouble: tlsTrouble(String(socket.authorizationError)) };
}

async function exchange(
  socket: Socket,
  { url, method, maxBytes }: { url: URL; method: string; maxBytes: number },
): Promise<{ status: number; body: Buffer }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; body: Buffer }>();
  const call = request(
    {
      createConnection: () => socket,
      method,
      path: `${url.pathname}${url.search}`,
      headers: { host: url.host, 'user-agent': 'sextant-probe', accept: '*/*', connection: 'close' },
    },
    (answer: IncomingMessage) => {
      const status = answer.statusCode ?? 0;
      const chunks: Buffer[] = [];
      let bytes = 0;
      answer.on('data', (chunk: Buffer) => {
        const room = maxBytes - bytes;
        chunks.push(chunk.subarray(0, room));
        bytes += chunk.length;
        if (bytes < maxBytes) return;
        resolve({ status, body: Buffer.concat(chunks) });
        answer.destroy();
      });
      answer.on('end', () => resolve({ status, body: Buffer.concat(chunks) }));
      answer.on('error', reject);
    },
  );
  call.on('error', reject);
  // Nobody asked for another protocol: that it is offered is the answer.
  call.on('upgrade', ({ statusCode = 101 }: IncomingMessage) => resolve({ status: statusCode, body: Buffer.alloc(0) }));
  call.end();
  return promise;
}
