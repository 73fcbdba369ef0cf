import { createHash } from 'node:crypto';
import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls';
import type { FileQuestions } from '../../filesystems/file-questions.ts';
import { readSmallFile } from '../../filesystems/small-file.ts';

export interface TrustFiles {
  /** PEM files of authorities beside those that the system trusts. */
  authorities: readonly string[];
  certificate?: string | undefined;
  key?: string | undefined;
}

/** What a probe trusts, and shows of itself. Rejects when one of its files cannot be read, with what to do. */
export type Trust = (signal: AbortSignal) => Promise<SecureContext>;

/** All authorities of a system are a quarter of this. */
const maxBytes = 1024 * 1024;
const keepMs = 3_600_000;

/**
 * Makes TLS contexts that trust what the operating system trusts and the site's own authorities. A context of some
 * hundred authorities takes milliseconds and a megabyte, so one is kept for each content of the files, until an hour is
 * over. The files are read each time: they are renewed in place.
 */
export function createTrust({
  questions,
  nowMs,
}: {
  questions: FileQuestions;
  nowMs(): number;
}): (files: TrustFiles) => Trust {
  const contexts = new Map<string, { madeMs: number; context: SecureContext }>();
  return ({ authorities, certificate, key }) =>
    async (signal) => {
      const read = async (what: string, path: string): Promise<Buffer> =>
        (await readSmallFile(questions, path, { what, maxBytes, signal })).content;
      const trusted: Buffer[] = [];
      for (const path of authorities) trusted.push(await read('authorities', path));
      const shown = certificate === undefined ? undefined : await read('client certificate', certificate);
      const secret = key === undefined ? undefined : await read('client key', key);
      const id = hash([...trusted, ...(shown ? [shown] : []), ...(secret ? [secret] : [])]);
      const known = contexts.get(id);
      if (known && nowMs() - known.madeMs < keepMs) return known.context;
      const context = createSecureContext({
        ca: [...getCACertificates('system'), ...trusted.map((pem) => pem.toString('utf8'))],
        ...(shown && { cert: shown }),
        ...(secret && { key: secret }),
      });
      for (const [old, { madeMs }] of contexts) if (nowMs() - madeMs >= keepMs) contexts.delete(old);
      contexts.set(id, { madeMs: nowMs(), context });
      return context;
    };
}

function hash(files: readonly Buffer[]): string {
  const hashing = createHash('sha256');
  for (const file of files) hashing.update(`${file.length} `).update(file);
  return hashing.digest('base64');
}
