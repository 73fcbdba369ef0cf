/**
 * What is taken out of a bundle. `none`: nothing. `standard`: secrets are masked, identities get pseudonyms.
 * `strict`: also what only looks like a secret or an identity, at the price of more false masks. docs/redaction.md.
 */
export const redactionProfiles = ['none', 'standard', 'strict'] as const;
export type RedactionProfile = (typeof redactionProfiles)[number];

export const defaultProfile: RedactionProfile = 'standard';

/** Rule → how often it replaced something. Never holds what was replaced. */
export type RedactionTally = Record<string, number>;

export const count = (tally: RedactionTally, rule: string): void => {
  tally[rule] = (tally[rule] ?? 0) + 1;
};
