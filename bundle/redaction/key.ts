import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomic } from '../../durable/atomic-write.ts';

/**
 * The key of a site's marks and pseudonyms (`redaction.key`, 0600), made at the first call. It never leaves the site: with it
 * guesses could be tried, and addresses turned back.
 */
export function loadRedactionKey(folder: string): Buffer {
  const path = join(folder, 'redaction.key');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (!existsSync(path)) writeFileAtomic(path, `${randomBytes(32).toString('hex')}\n`);
  const key = parseRedactionKey(readFileSync(path, 'utf8'));
  if (key === undefined) throw new Error(`${path} does not hold 32 bytes in hexadecimal`);
  return key;
}

/** The key of such a file's text; undefined when it is something else. */
export function parseRedactionKey(text: string): Buffer | undefined {
  const key = Buffer.from(text.trim(), 'hex');
  return key.length === 32 ? key : undefined;
}
