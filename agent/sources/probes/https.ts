import type { Sample } from '../../pipeline/metric-data.ts';
import type { ProbeMetric } from '../azure-local-metrics.ts';
import { certificateSamples } from './certificates.ts';
import { failed, type ProbeResult } from './probe.ts';
import type { Trust } from './trust.ts';
import { askWeb } from './web-request.ts';

const classes = ['1xx', '2xx', '3xx', '4xx', '5xx'] as const;
const defaultExpect = ['2xx', '3xx'];

export interface WebTarget {
  url: string;
  method?: string | undefined;
  expect?: readonly string[] | undefined;
  identified?: boolean;
}

/** Looks at an HTTP or HTTPS endpoint: status, time, and what is to be said of its certificates. */
export async function probeWeb(
  target: WebTarget,
  capabilities: { trust: Trust; timeoutMs: number; nowMs(): number },
  signal: AbortSignal,
): Promise<ProbeResult & { body?: Buffer }> {
  const url = new URL(target.url);
  const method = target.method ?? 'GET';
  const started = performance.now();
  let answer: Awaited<ReturnType<typeof askWeb>>;
  try {
    const trust = await capabilities.trust(signal);
    answer = await askWeb(
      { url, method, trust, timeoutMs: capabilities.timeoutMs, signal },
      target.identified ?? false,
    );
  } catch (error) {
    signal.throwIfAborted();
    return failed(error, (performance.now() - started) / 1000);
  }
  const { status, chain, seconds, trouble, body } = answer;
  const about = { 'http.url': target.url, 'http.method': method, 'http.status_code': status };
  const samples: Sample<ProbeMetric>[] = [
    ...(status === 0
      ? []
      : classes.map((statusClass) => ({
          metric: 'httpcheck.status' as const,
          value: Number(`${Math.floor(status / 100)}xx` === statusClass),
          attributes: { ...about, 'http.status_class': statusClass },
        }))),
    { metric: 'httpcheck.duration', value: seconds * 1000, attributes: { 'http.url': target.url } },
    ...certificateSamples(url.host, chain, capabilities.nowMs()),
  ];
  const common = { seconds, samples, body };
  if (trouble !== undefined) {
    const leaf = chain[0];
    const until = leaf ? `, valid until ${new Date(leaf.expiresMs).toISOString().slice(0, 10)}` : '';
    const detail = `the certificate of ${url.host} is not to be trusted: ${trouble} (${leaf?.commonName ?? 'none'} by ${leaf?.issuer ?? 'nobody'}${until})`;
    return { ...common, up: false, errorType: trouble, detail };
  }
  const expected = target.expect ?? defaultExpect;
  if (expected.some((one) => one === String(status) || one === `${Math.floor(status / 100)}xx`)) {
    return { ...common, up: true };
  }
  return { ...common, up: false, errorType: `status_${status}`, detail: `${target.url} was answered with ${status}` };
}
