import { once } from 'node:events';
import { isIP } from 'node:net';
import { connect } from 'node:tls';
import { certificateSamples } from './certificates.ts';
import { failed, type ProbeResult } from './probe.ts';
import type { Trust } from './trust.ts';
import { whatWasShown } from './web-request.ts';

/**
 * Makes a TLS connection and closes it again: for what speaks TLS and not HTTP, as directories do (LDAPS). Up when the
 * certificate is to be trusted; its days left are told in any case.
 */
export async function probeTls(
  { host, port }: { host: string; port: number },
  { trust, timeoutMs, nowMs }: { trust: Trust; timeoutMs: number; nowMs(): number },
  signal: AbortSignal,
): Promise<ProbeResult> {
  let secureContext: Awaited<ReturnType<Trust>>;
  try {
    secureContext = await trust(signal);
  } catch (error) {
    signal.throwIfAborted();
    return failed(error);
  }
  const started = performance.now();
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  const target = `${host}:${port}`;
  const attributes = { 'tcpcheck.endpoint': target };
  const socket = connect({
    ...{ host, port, secureContext, rejectUnauthorized: false },
    ...(isIP(host) === 0 && { servername: host }),
  });
  socket.on('error', () => undefined);
  try {
    await once(socket, 'secureConnect', { signal: deadline });
    const seconds = (performance.now() - started) / 1000;
    const { chain, trouble } = whatWasShown(socket);
    const samples = [
      { metric: 'tcpcheck.status' as const, value: 1, attributes },
      { metric: 'tcpcheck.duration' as const, value: seconds * 1000, attributes },
      ...certificateSamples(target, chain, nowMs()),
    ];
    if (trouble === undefined) return { up: true, seconds, samples };
    const detail = `the certificate of ${target} is not to be trusted: ${trouble} (${chain[0]?.commonName ?? 'none'} by ${chain[0]?.issuer ?? 'nobody'})`;
    return { up: false, errorType: trouble, detail, seconds, samples };
  } catch (error) {
    signal.throwIfAborted();
    const why = deadline.aborted ? (deadline.reason as Error) : error;
    return {
      ...failed(why, (performance.now() - started) / 1000),
      samples: [{ metric: 'tcpcheck.status', value: 0, attributes }],
    };
  } finally {
    socket.destroy();
  }
}
