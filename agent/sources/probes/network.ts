import { Resolver } from 'node:dns/promises';
import { once } from 'node:events';
import { connect } from 'node:net';
import { failed, type ProbeResult } from './probe.ts';

/** Makes a TCP connection and closes it again. */
export async function probeTcp(
  { host, port }: { host: string; port: number },
  timeoutMs: number,
  signal: AbortSignal,
): Promise<ProbeResult> {
  const started = performance.now();
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  const socket = connect({ host, port });
  socket.on('error', () => undefined);
  const attributes = { 'tcpcheck.endpoint': `${host}:${port}` };
  try {
    await once(socket, 'connect', { signal: deadline });
    const seconds = (performance.now() - started) / 1000;
    const duration = { metric: 'tcpcheck.duration' as const, value: seconds * 1000, attributes };
    return { up: true, seconds, samples: [{ metric: 'tcpcheck.status', value: 1, attributes }, duration] };
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

/** Asks for a name; up when there is an answer. `server` is an address, with a port after a colon where it is not 53. */
export async function probeDns(
  { query, type = 'A', server }: { query: string; type?: string | undefined; server?: string | undefined },
  timeoutMs: number,
  signal: AbortSignal,
): Promise<ProbeResult> {
  const resolver = new Resolver({ timeout: timeoutMs, tries: 1 });
  const started = performance.now();
  const onAbort = (): void => resolver.cancel();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    if (server !== undefined) resolver.setServers([server]);
    const answers = await resolver.resolve(query, type);
    const seconds = (performance.now() - started) / 1000;
    if (Array.isArray(answers) && answers.length === 0) {
      return { up: false, errorType: 'name_not_found', detail: `no ${type} record of ${query}`, seconds };
    }
    return { up: true, seconds };
  } catch (error) {
    signal.throwIfAborted();
    return failed(error, (performance.now() - started) / 1000);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
