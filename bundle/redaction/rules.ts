import type { RedactionProfile } from './profile.ts';
import type { RedactionRule } from './rule.ts';
import { commandRules } from './rules/commands.ts';
import { fieldRules } from './rules/fields.ts';
import { keyRules } from './rules/keys.ts';
import { snmpRules } from './rules/snmp.ts';
import { sqlRules } from './rules/sql.ts';
import { strictRules } from './rules/strict.ts';
import { tokenRules } from './rules/tokens.ts';
import { xmlRules } from './rules/xml.ts';

/** In order: the precise ones first, so that a mark names what it was. */
export const redactionRules: readonly RedactionRule[] = [
  ...keyRules,
  ...tokenRules,
  ...commandRules,
  ...snmpRules,
  ...sqlRules,
  ...fieldRules,
  ...xmlRules,
  ...strictRules,
];

/** The rules of a profile. */
export const rulesOf = (profile: RedactionProfile): readonly RedactionRule[] =>
  profile === 'none' ? [] : redactionRules.filter((rule) => rule.profile === undefined || rule.profile === profile);
