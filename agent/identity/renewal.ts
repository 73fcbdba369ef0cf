import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import type { Log } from '../../logging/log.ts';
import type { CollectorClient } from '../uplink/client.ts';
import { createCsr } from './csr.ts';
import { checkCertificate } from './enroll.ts';
import { type Identity, loadIdentity, writeIdentity } from './identity.ts';

const checkEveryMs = 6 * 3_600_000;
const retryMs = 10 * 60_000;

/** Whether less than a third of the certificate's life is left. */
export function isDue(certificatePem: string, nowMs: number): boolean {
  const { validFromDate, validToDate } = new X509Certificate(certificatePem);
  const lifeMs = validToDate.getTime() - validFromDate.getTime();
  return validToDate.getTime() - nowMs < lifeMs / 3;
}

/**
 * Renews the client certificate in time, with a fresh key, through `POST /agent/v1/renew` over the present one.
 * `onRenewed` gets the new identity after it is on disk. A failure is tried again until the old one has expired and
 * after.
 */
export function createRenewal(
  {
    client,
    nowMs,
    log,
    onRenewed,
  }: { client: CollectorClient; nowMs(): number; log: Log; onRenewed(identity: Identity): void },
  options: { dataDir: string; identity: Identity },
): { start(): void; close(): Promise<void> } {
  let { identity } = options;
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;
  const stopping = new AbortController();

  async function renew(): Promise<void> {
    const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const answer = await client.request('/agent/v1/renew', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: Buffer.from(JSON.stringify({ csr: await createCsr(keys, identity.node) })),
      signal: stopping.signal,
    });
    if (answer.status !== 200) throw new Error(`the collector answered ${answer.status} ${answer.body}`.slice(0, 500));
    const { certificate } = JSON.parse(answer.body.toString('utf8'));
    checkCertificate(certificate, identity.ca, keys.publicKey);
    // The rest as it is on disk by now: the key of pushed profiles may have been changed meanwhile.
    identity = {
      ...loadIdentity(options.dataDir),
      certificate,
      key: keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    };
    writeIdentity(options.dataDir, identity);
    log.info({ node: identity.node }, 'the client certificate was renewed');
    onRenewed(identity);
  }

  async function check(): Promise<void> {
    let nextMs = checkEveryMs;
    try {
      if (isDue(identity.certificate, nowMs())) await renew();
    } catch (error) {
      if (stopping.signal.aborted) return;
      nextMs = retryMs;
      log.warn({ err: error }, 'the client certificate could not be renewed yet');
    }
    if (!stopping.signal.aborted) timer = setTimeout(run, nextMs * (0.75 + Math.random() / 2));
  }

  function run(): void {
    running = check();
  }

  return {
    start: run,
    async close() {
      stopping.abort();
      clearTimeout(timer);
      await running;
    },
  };
}
