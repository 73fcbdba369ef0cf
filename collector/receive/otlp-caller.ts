import { SextantError } from '../../errors/sextant-error.ts';
import type { createSenderIdentifier } from '../api/identify-sender.ts';
import type { IngestIdentity } from './otlp-intake.ts';

/** What a connection or a request shows of who sends. */
export interface Caller {
  authorization: string | undefined;
  /** SHA-256 of a client certificate of this site's authority whose key the caller has. */
  fingerprint: string | undefined;
}

/** Who sends on the ports for OTLP. Throws SX_UNAUTHENTICATED and SX_CLIENT_CERTIFICATE for whom nothing proves. */
export type IdentifyCaller = (caller: Caller) => IngestIdentity;

/** With `plain`, whoever reaches the port is believed, which must be this machine alone; it goes by `loopback`. */
export function createCallerIdentifier(
  parts: {
    identifySender: ReturnType<typeof createSenderIdentifier>;
    nodeOfFingerprint: (fingerprint: string) => IngestIdentity;
  },
  { plain }: { plain: boolean },
): IdentifyCaller {
  return ({ authorization, fingerprint }) => {
    const sender = parts.identifySender(authorization);
    if (sender) return sender;
    if (plain) return { kind: 'sender', name: 'loopback' };
    if (fingerprint !== undefined) return parts.nodeOfFingerprint(fingerprint);
    throw new SextantError('SX_UNAUTHENTICATED', 'neither a client certificate nor a bearer token was presented', {
      nextStep: 'create a token with `sextant token create --ingest --name NAME`',
    });
  };
}
