import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { signinCommand } from './signin-command.ts';

/** What a person needs once everything runs: the address, a way in, and how to know that nobody stands between. */
export function readyMessage(options: { dataDir: string; url: string; signinToken: string }): string {
  const certificate = new X509Certificate(readFileSync(join(options.dataDir, 'collector', 'ca', 'server.crt')));
  return `
Sextant is ready: ${options.url}

  Sign in (once, within 15 minutes):  ${options.url}/#signin=${options.signinToken}
  A new link:                         ${signinCommand(options.dataDir)}

  The browser does not know this site's own certificate authority and asks once. Compare before you accept:
  SHA-256  ${certificate.fingerprint256}

Ctrl+C stops it.`;
}
