import type { SiteName } from '../scanner/name-trie.ts';
import { addRule, noRules, type RuleBits } from '../scanner/rule-bits.ts';
import { createScanner, type Scanner } from '../scanner/scanner.ts';
import { createFingerprints } from './fingerprint.ts';
import { createIdentityFinder, type IdentityFinder } from './identity-finder.ts';
import type { RedactionProfile } from './profile.ts';
import { createPseudonyms, type NameKind, type Pseudonyms } from './pseudonyms.ts';
import { rulesOf } from './rules.ts';
import { usableNames } from './site-names.ts';
import { createTextRedactor, type TextRedactor } from './text-redactor.ts';
import { patternsOf } from './trigger.ts';

/** What decides what is replaced, and by what. */
export interface RedactionOptions {
  /** The site's key: fingerprints and pseudonyms are the same wherever it is used. 32 bytes. */
  key: Uint8Array;
  profile: RedactionProfile;
  /** Machines, accounts and domains of the site. */
  names?: readonly SiteName[];
  /** Told once of each name that got a pseudonym, so that the site can turn it back later. */
  onName?: (kind: NameKind, name: string, pseudonym: string) => void;
}

/** What both passes over a text are made of. */
export interface RedactionParts {
  scanner: Scanner;
  text: TextRedactor;
  mark: (rule: string, secret: string) => string;
  pseudonyms: Pseudonyms;
  identities: IdentityFinder;
  /** Rules whose hints keep a line that is too long from being cut near them. */
  cutRules: RuleBits;
}

export function createRedactionParts(options: RedactionOptions): RedactionParts {
  const { profile } = options;
  const names = usableNames(options.names ?? []);
  const rules = rulesOf(profile);
  const mark = createFingerprints(options.key);
  const pseudonyms = createPseudonyms(options.key, options.onName);
  const scanner = createScanner(patternsOf(rules), names);
  const identities = createIdentityFinder(scanner, pseudonyms, names, profile);
  const text = createTextRedactor({ scanner, rules, mark, pseudonyms, identities });
  // Hints of the strict rules stand everywhere, and those rules look at single words.
  const cutRules = noRules();
  for (const [index, rule] of rules.entries()) if (rule.profile === undefined) addRule(cutRules, index);
  return { scanner, text, mark, pseudonyms, identities, cutRules };
}
