import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { maskRules } from '../../../bundle/mask-rules.ts';
import { createMasker } from '../../../bundle/masker.ts';

const masker = createMasker(Buffer.alloc(32, 7));
const bare = (secret: string): string => secret.replace(/^\\*["']|\\*["']$/g, '');

describe.each(maskRules.map((rule) => [rule.name, rule] as const))('%s', (name, rule) => {
  test.each(rule.positive)('masks in: %s', (text, secret) => {
    const tally = {};
    const masked = masker.text(text, tally);
    for (const word of bare(secret).split(' ')) expect(masked).not.toContain(word);
    expect(masked).toContain(`[masked:${name}:`);
    expect(tally).toEqual({ [name]: 1 });
  });
  test.each(rule.negative.map((text) => [text]))('leaves alone: %s', (text) => {
    expect(masker.text(text, {})).toBe(text);
  });
});

test('masking what was masked changes nothing', () => {
  for (const rule of maskRules) {
    for (const [text] of rule.positive) {
      const once = masker.text(text, {});
      expect(masker.text(once, {})).toBe(once);
    }
  }
});

test('the same secret has the same mark under one key and another under the next', () => {
  const [first, second] = [masker.text('password=hunter2', {}), masker.text('x -Password hunter2', {})];
  const fingerprint = (text: string): string | undefined => /:([0-9a-f]{8})\]/.exec(text)?.[1];
  expect(fingerprint(first)).toBe(fingerprint(second));
  expect(fingerprint(createMasker(randomBytes(32)).text('password=hunter2', {}))).not.toBe(fingerprint(first));
});

test('JSON stays JSON', () => {
  const text = JSON.stringify({ password: 'a"b', nested: JSON.stringify({ token: 'c"d', ok: 1 }), n: 1 });
  const masked = masker.text(text, {});
  expect(masked).not.toMatch(/a\\"b|c\\\\\\"d/);
  expect(JSON.parse(JSON.parse(masked).nested)).toMatchObject({ ok: 1 });
});

test('a field that is named after a secret is masked whole, at any depth', () => {
  const tally = {};
  const masked = masker.document({ a: [{ client_secret: 'any thing, at all' }], b: 'password=x1y2z3', n: 1 }, tally);
  expect(masked.a[0]?.client_secret).toMatch(/^\[masked:secret-field:[0-9a-f]{8}\]$/);
  expect(masked.b).toMatch(/^password=\[masked:password:/);
  expect(tally).toEqual({ 'secret-field': 1, password: 1 });
});

test.each([
  'pwd=a;',
  'password="',
  'curl -u ',
  '<password ',
  'net user a ',
  '--password "',
  'Server=;Password=',
  '://:',
])('a hostile line of %j takes time in proportion to its length', (unit) => {
  const startedMs = performance.now();
  masker.text(unit.repeat(1e6 / unit.length), {});
  // Measured: 0.01 to 0.3 s. A pattern that looks back over the line for every match would take minutes.
  expect(performance.now() - startedMs).toBeLessThan(10_000);
});

test.each([
  'password=',
  'password=a ',
  'authorization: ',
  'net user a ',
  'a://',
  'curl ',
  '<a:password ',
  'password=\\"',
])('a long line of nothing but %j costs time in proportion to its length', (piece) => {
  const masker = createMasker(Buffer.alloc(32));
  // Quadratic, this took minutes.
  const startedMs = performance.now();
  masker.text(piece.repeat(2 ** 18 / piece.length), {});
  expect(performance.now() - startedMs).toBeLessThan(5000);
});
