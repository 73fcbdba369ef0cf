import { readFileSync, statSync } from 'node:fs';
import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls';

export interface TrustFiles {
  /** PEM files of authorities beside those that the system trusts. */
  authorities: readonly string[];
  certificate?: string | undefined;
  key?: string | undefined;
}

/**
 * Makes TLS contexts that trust what the operating system trusts and the site's own authorities. A context of some
 * hundred authorities takes milliseconds and a megabyte, so one is kept for each set of files until a file changes or
 * an hour is over. Throws when a file cannot be read.
 */
export function createTrust({ nowMs }: { nowMs(): number }): (files: TrustFiles) => SecureContext {
  const keepMs = 3_600_000;
  const contexts = new Map<string, { madeMs: number; context: SecureContext }>();
  return ({ authorities, certificate, key }) => {
    const files = [...authorities, certificate, key].filter((file): file is string => Boolean(file));
    const id = JSON.stringify([...authorities, '', certificate, key, ...files.map((file) => statSync(file).mtimeMs)]);
    const known = contexts.get(id);
    if (known && nowMs() - known.madeMs < keepMs) return known.context;
    const context = createSecureContext({
      ca: [...getCACertificates('system'), ...authorities.filter(Boolean).map((file) => readFileSync(file, 'utf8'))],
      ...(certificate && { cert: readFileSync(certificate) }),
      ...(key && { key: readFileSync(key) }),
    });
    for (const [old, { madeMs }] of contexts) if (nowMs() - madeMs >= keepMs) contexts.delete(old);
    contexts.set(id, { madeMs: nowMs(), context });
    return context;
  };
}
