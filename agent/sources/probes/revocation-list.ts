import { loadX509Library } from '../../identity/x509-library.ts';
import { failed, type ProbeResult } from './probe.ts';
import type { Trust } from './trust.ts';
import { askWeb } from './web-request.ts';

/** Lists of a site's own authority are some kilobytes. */
const maxBytes = 8 * 1024 * 1024;

/** Fetches a revocation list and looks when the next is due: a list that is overdue makes clients refuse everything. */
export async function probeRevocationList(
  url: string,
  { trust, timeoutMs, nowMs }: { trust: Trust; timeoutMs: number; nowMs(): number },
  signal: AbortSignal,
): Promise<ProbeResult> {
  const started = performance.now();
  try {
    const context = await trust(signal);
    const answer = await askWeb({ url: new URL(url), method: 'GET', trust: context, timeoutMs, signal, maxBytes });
    const { seconds, status, body } = answer;
    if (status !== 200) return { up: false, errorType: `status_${status}`, detail: `${url}: ${status}`, seconds };
    const dueMs = await nextUpdateOf(body);
    if (dueMs === undefined) return { up: false, errorType: 'no_revocation_list', detail: `${url} is no CRL`, seconds };
    const left = (dueMs - nowMs()) / 1000;
    const samples = [{ metric: 'sextant.probe.crl.time_left' as const, value: left, attributes: { 'http.url': url } }];
    if (left > 0) return { up: true, seconds, samples };
    const detail = `${url} should have been renewed at ${new Date(dueMs).toISOString()}`;
    return { up: false, errorType: 'crl_expired', detail, seconds, samples };
  } catch (error) {
    signal.throwIfAborted();
    return failed(error, (performance.now() - started) / 1000);
  }
}

/** Undefined for what is no list; infinite for a list that never ends. */
async function nextUpdateOf(body: Buffer): Promise<number | undefined> {
  const { X509Crl } = await loadX509Library();
  try {
    const list = new X509Crl(new Uint8Array(body));
    return list.nextUpdate?.getTime() ?? Number.POSITIVE_INFINITY;
  } catch {
    return undefined;
  }
}
