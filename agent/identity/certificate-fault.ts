import { X509Certificate } from 'node:crypto';

/** What is wrong with a certificate's time by this machine's clock, and what to do; undefined when nothing is. */
export function certificateFault(pem: string, nowMs: number): string | undefined {
  const { validFromDate, validToDate } = new X509Certificate(pem);
  if (validToDate.getTime() < nowMs) {
    const when = validToDate.toISOString();
    return `the certificate of this node expired ${when}: enrol it again (sextant agent enroll --force) and restart it`;
  }
  if (validFromDate.getTime() > nowMs) {
    return `the certificate of this node is valid from ${validFromDate.toISOString()} only: look at this machine's clock`;
  }
  return undefined;
}
