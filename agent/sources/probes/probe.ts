import type { Sample } from '../../pipeline/metric-data.ts';
import type { ProbeMetric } from '../azure-local-metrics.ts';

/** What one look brought. */
export interface ProbeResult {
  up: boolean;
  /** Short and stable: `timeout`, `tls_expired`, `status_503`. Only when not up. */
  errorType?: string;
  /** For a person. */
  detail?: string;
  seconds?: number;
  /** What it measured beside that. */
  samples?: Sample<ProbeMetric>[];
}

/** One thing to look at. */
export interface Probe {
  name: string;
  kind: string;
  group?: string | undefined;
  everyMs: number;
  /** Undefined: this machine cannot look at such a thing. Rejects only when the probe itself is broken. */
  look(signal: AbortSignal): Promise<ProbeResult | undefined>;
}

/** Codes of Node and OpenSSL, and what they are called in `error.type`. */
const errorTypes: Record<string, string> = {
  ECONNREFUSED: 'refused',
  ECONNRESET: 'reset',
  EPIPE: 'reset',
  ETIMEDOUT: 'timeout',
  ETIMEOUT: 'timeout',
  ABORT_ERR: 'timeout',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  ENOTFOUND: 'name_not_found',
  ENODATA: 'name_not_found',
  EAI_AGAIN: 'dns_failed',
  ESERVFAIL: 'dns_failed',
  CERT_HAS_EXPIRED: 'tls_expired',
  CERT_NOT_YET_VALID: 'tls_not_yet_valid',
  ERR_TLS_CERT_ALTNAME_INVALID: 'tls_wrong_name',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'tls_self_signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'tls_untrusted_authority',
  UNABLE_TO_GET_ISSUER_CERT: 'tls_untrusted_authority',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'tls_untrusted_authority',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'tls_incomplete_chain',
  CERT_REVOKED: 'tls_revoked',
  CERT_SIGNATURE_FAILURE: 'tls_bad_signature',
};

/** What went wrong, named. */
export function errorTypeOf(error: unknown): string {
  const { code, name } = error as NodeJS.ErrnoException;
  if (name === 'TimeoutError') return 'timeout';
  const known = errorTypes[code ?? ''];
  if (known) return known;
  return code?.startsWith('ERR_SSL') || code === 'EPROTO' ? 'tls_handshake' : (code ?? 'error').toLowerCase();
}

/** What Node calls the trouble with a certificate, by its name in `error.type`. */
export const tlsTrouble = (authorizationError: string): string =>
  errorTypes[authorizationError] ?? `tls_${authorizationError.toLowerCase()}`;

export const failed = (error: unknown, seconds?: number): ProbeResult => ({
  up: false,
  errorType: errorTypeOf(error),
  detail: detailOf(error as Error & { reason?: unknown }),
  ...(seconds === undefined ? {} : { seconds }),
});

/** OpenSSL's message is the place in its sources; what it calls the reason is for a person. */
const detailOf = ({ message, reason }: Error & { reason?: unknown }): string =>
  message.includes('SSL routines') && typeof reason === 'string' ? `TLS: ${reason}` : message;
