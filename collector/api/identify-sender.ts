import { SextantError } from '../../errors/sextant-error.ts';
import type { Tokens } from '../identity/tokens.ts';
import type { Identity } from './identity.ts';

type SenderIdentity = Extract<Identity, { kind: 'sender' }>;

/**
 * The sender behind an Authorization header with a bearer token of kind `ingest`; undefined when there is no header.
 * Looked up for each request, so that a revocation counts at once. Throws SX_UNAUTHENTICATED for any other header.
 */
export function createSenderIdentifier(parts: {
  tokens: Pick<Tokens, 'check'>;
}): (authorization: string | undefined) => SenderIdentity | undefined {
  return (authorization) => {
    if (authorization === undefined) return undefined;
    const secret = /^Bearer +([A-Za-z0-9_-]{1,512})$/i.exec(authorization)?.[1];
    const verdict = secret === undefined ? undefined : parts.tokens.check('ingest', secret);
    if (verdict?.ok) return { kind: 'sender', name: verdict.grant.name };
    const why = verdict?.why === 'expired' ? 'the token has expired' : 'this is no token for sending telemetry';
    throw new SextantError('SX_UNAUTHENTICATED', why, {
      nextStep: 'create one with `sextant token create --ingest --name NAME`',
    });
  };
}
