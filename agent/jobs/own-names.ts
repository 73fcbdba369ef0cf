import { readdirSync, readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import type { SiteName } from '../../bundle/scanner/name-trie.ts';

/** Accounts below are the system's own (Debian, Red Hat). */
const firstPersonalUid = 1000;
const nobodyUid = 65_534;
const maxAccounts = 5000;

/** Accounts of a passwd file that belong to people. */
function accountsOf(passwd: string): string[] {
  return passwd
    .split('\n')
    .map((line) => line.split(':'))
    .filter(([, , uid]) => Number(uid) >= firstPersonalUid && Number(uid) !== nobodyUid)
    .flatMap(([name]) => (name ? [name] : []));
}

/**
 * Names that this machine knows of itself: its host name, its accounts, the folders of those who have signed in. What cannot be read is left out: such names are still found where their surroundings give them away.
 */
export function ownNames(): SiteName[] {
  const names: SiteName[] = [{ kind: 'host', name: hostname() }];
  const put = (kind: SiteName['kind'], read: () => string[]): void => {
    try {
      for (const name of read().slice(0, maxAccounts)) names.push({ kind, name });
    } catch {
      // Another system, or not readable for this account.
    }
  };
  if (process.platform === 'win32') {
    put('user', () => readdirSync('C:\\Users'));
  } else {
    put('user', () => accountsOf(readFileSync('/etc/passwd', 'utf8')));
    put('user', () => readdirSync('/home'));
    put('domain', () => [/^\s*domain\s+(\S+)/m.exec(readFileSync('/etc/resolv.conf', 'utf8'))?.[1] ?? '']);
  }
  return names;
}
