import type { RedactionProfile } from './profile.ts';
import type { RedactionRule } from './rule.ts';
import { bareKeyRules } from './rules/bare-keys.ts';
import { callRules } from './rules/calls.ts';
import { commandRules } from './rules/commands.ts';
import { configurationRules } from './rules/configuration.ts';
import { deviceRules } from './rules/devices.ts';
import { encodedSecretRules } from './rules/encoded-secrets.ts';
import { fieldRules } from './rules/fields.ts';
import { hashRules } from './rules/hashes.ts';
import { httpRules } from './rules/http.ts';
import { keyRules } from './rules/keys.ts';
import { loginCallRules } from './rules/login-calls.ts';
import { networkDeviceRules } from './rules/network-devices.ts';
import { pairRules } from './rules/pairs.ts';
import { programRules } from './rules/programs.ts';
import { sentenceRules } from './rules/sentences.ts';
import { serviceProgramRules } from './rules/service-programs.ts';
import { sessionRules } from './rules/sessions.ts';
import { snmpRules } from './rules/snmp.ts';
import { sqlRules } from './rules/sql.ts';
import { sqlInsertRules } from './rules/sql-insert.ts';
import { strictRules } from './rules/strict.ts';
import { tokenRules } from './rules/tokens.ts';
import { vendorTokenRules } from './rules/vendor-tokens.ts';
import { xmlRules } from './rules/xml.ts';

/** In order: the precise ones first, so that a mark names what it was. */
export const redactionRules: readonly RedactionRule[] = [
  ...keyRules,
  ...hashRules,
  ...encodedSecretRules,
  ...bareKeyRules,
  ...vendorTokenRules,
  ...tokenRules,
  ...sessionRules,
  ...httpRules,
  ...commandRules,
  ...programRules,
  ...serviceProgramRules,
  ...snmpRules,
  ...deviceRules,
  ...networkDeviceRules,
  ...configurationRules,
  ...sqlRules,
  ...sqlInsertRules,
  ...callRules,
  ...loginCallRules,
  ...pairRules,
  ...fieldRules,
  ...sentenceRules,
  ...xmlRules,
  ...strictRules,
];

/** The rules of a profile. */
export const rulesOf = (profile: RedactionProfile): readonly RedactionRule[] =>
  profile === 'none' ? [] : redactionRules.filter((rule) => rule.profile === undefined || rule.profile === profile);
