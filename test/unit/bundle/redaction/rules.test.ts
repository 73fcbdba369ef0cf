import { describe, expect, test } from 'vitest';
import { createRedactor } from '../../../../bundle/redaction/redactor.ts';
import { identityContexts } from '../../../../bundle/redaction/rules/identities.ts';
import { redactionRules, rulesOf } from '../../../../bundle/redaction/rules.ts';
import { maxRules } from '../../../../bundle/scanner/rule-bits.ts';

const key = Buffer.alloc(32, 7);
const bare = (secret: string): string => secret.replace(/^\\*["']|\\*["']$/g, '').trim();

test('there are no more rules than the scanner has bits for', () => {
  expect(rulesOf('strict').length).toBeLessThanOrEqual(maxRules);
});

describe.each(redactionRules.map((rule) => [rule.name, rule] as const))('%s', (_, rule) => {
  const redactor = createRedactor({ key, profile: rule.profile ?? 'standard' });
  test.each(rule.positive)('takes it out of: %s', (text, secret) => {
    const tally = {};
    const redacted = redactor.text(text, tally);
    for (const word of bare(secret).split(' ')) expect(redacted).not.toContain(word);
    // An earlier rule may have been quicker; then it is not this one's doing alone, but nothing is lost.
    expect(rule.identity || rule.nested ? Object.keys(tally).length : Object.values(tally)[0]).toBeGreaterThan(0);
  });
  test.each(rule.negative.map((text) => [text]))('leaves alone: %s', (text) => {
    expect(redactor.text(text, {})).toBe(text);
  });
  test.each(rule.positive)('finds nothing more in what came out of: %s', (text) => {
    const once = redactor.text(text, {});
    const tally = {};
    expect(redactor.text(once, tally)).toBe(once);
    expect(tally).toEqual({});
  });
});

describe.each(identityContexts.map((context) => [context.kind, context] as const))(
  'names by their surroundings: %s',
  (kind, context) => {
    const redactor = createRedactor({ key, profile: 'standard' });
    test.each(context.positive)('replaces in: %s', (text, name) => {
      const tally: Record<string, number> = {};
      const redacted = redactor.text(text, tally);
      expect(redacted).not.toContain(name);
      expect(redacted).toMatch(new RegExp(`${kind}-[0-9a-z]{8}`));
      expect(redactor.text(redacted, {})).toBe(redacted);
    });
    test.each(context.negative.map((text) => [text]))('leaves alone: %s', (text) => {
      expect(redactor.text(text, {})).toBe(text);
    });
  },
);
