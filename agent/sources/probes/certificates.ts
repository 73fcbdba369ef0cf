import type { X509Certificate } from 'node:crypto';
import type { Sample } from '../../pipeline/metric-data.ts';
import type { ProbeMetric } from '../azure-local-metrics.ts';

/** What is told of a certificate. */
export interface CertificateFacts {
  commonName: string;
  issuer: string;
  names: string;
  expiresMs: number;
  beginsMs: number;
}

/** Long chains and long lists of names are cut: they come from a stranger. */
const maxChain = 10;
const maxTextChars = 300;

export function factsOf(certificate: X509Certificate): CertificateFacts {
  return {
    commonName: commonName(certificate.subject),
    issuer: commonName(certificate.issuer),
    names: (certificate.subjectAltName ?? '').slice(0, maxTextChars),
    expiresMs: certificate.validToDate.getTime(),
    beginsMs: certificate.validFromDate.getTime(),
  };
}

/** The certificate and those that signed it, as the peer sent them. */
export function chainOf(leaf: X509Certificate): X509Certificate[] {
  const chain = [leaf];
  for (let next = leaf.issuerCertificate; next && chain.length < maxChain; next = next.issuerCertificate) {
    if (next.fingerprint256 === chain.at(-1)?.fingerprint256) break;
    chain.push(next);
  }
  return chain;
}

/** Time left of certificates of one target; the first is the target's own. */
export function certificateSamples(
  target: string,
  chain: readonly CertificateFacts[],
  nowMs: number,
): Sample<ProbeMetric>[] {
  return chain.map((facts, index) => ({
    metric: 'tlscheck.time_left',
    value: Math.round((facts.expiresMs - nowMs) / 1000),
    attributes: {
      'tlscheck.target': target,
      'tlscheck.x509.cn': facts.commonName,
      'tlscheck.x509.issuer': facts.issuer,
      'tlscheck.x509.san': facts.names,
      'tlscheck.chain.position': index,
    },
  }));
}

/** The CN of a name, or all of it where it has none. */
function commonName(name: string): string {
  return (/^CN=(.*)$/m.exec(name)?.[1] ?? name.replaceAll('\n', ', ')).slice(0, maxTextChars);
}
