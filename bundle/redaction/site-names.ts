import type { SiteName } from '../scanner/name-trie.ts';
import { isHostName, isPersonalName } from './rules/identities.ts';

/** The automaton's size follows from it; the rest is found by its surroundings. */
const maxNames = 20_000;
const isDomainName = (name: string): boolean =>
  name.length >= 2 &&
  name.length <= 253 &&
  !/^(?:local|localdomain|lan|home|internal|workgroup|builtin|nt authority|nt service)$/i.test(name);

/**
 * What can be looked for, without what every machine has and without repetition: a machine's full name becomes its host and
 * its domain, `DOMAIN\account` and `account@domain` their parts. Bounded to 20,000.
 */
export function usableNames(given: readonly SiteName[]): SiteName[] {
  const names = new Map<string, SiteName>();
  const put = (kind: SiteName['kind'], raw: string): void => {
    const name = raw.trim();
    const usable = kind === 'host' ? isHostName(name) : kind === 'user' ? isPersonalName(name) : isDomainName(name);
    // One letter is found by its surroundings alone.
    if (
      usable &&
      Buffer.byteLength(name) >= 2 &&
      !/[\r\n]/.test(name) &&
      !names.has(name.toLowerCase()) &&
      names.size < maxNames
    ) {
      names.set(name.toLowerCase(), { kind, name });
    }
  };
  for (const { kind, name } of given) {
    if (kind === 'host') {
      const [short = '', ...rest] = name.split('.');
      if (/^[\d.:]+$/.test(name)) continue;
      put('host', short);
      if (rest.length > 0) put('domain', rest.join('.'));
    } else if (kind === 'user') {
      const parts = /^(?:([^\\@]+)\\)?([^\\@]+)(?:@(.+))?$/.exec(name);
      if (parts?.[1]) put('domain', parts[1]);
      if (parts?.[2]) put('user', parts[2]);
      if (parts?.[3]) put('domain', parts[3]);
    } else put('domain', name);
  }
  return [...names.values()];
}
