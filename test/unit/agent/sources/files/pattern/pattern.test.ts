import fc from 'fast-check';
import { RE2JS } from 're2js';
import { expect, test } from 'vitest';
import { compilePattern, lookAtBytes, patternFault } from '../../../../../../agent/sources/files/pattern/pattern.ts';
import { re2Text } from '../../../../../../agent/sources/files/pattern/re2-text.ts';
import { parseExpression } from '../../../../../../agent/sources/files/pattern/syntax.ts';
import { count } from '../../../../../long.ts';

const hostile = `${'a'.repeat(lookAtBytes - 1)}!`;

test.each([
  '^\\d{4}-\\d\\d-\\d\\d[T ]\\d\\d:\\d\\d',
  '^\\s+(?:at|\\.{3})\\b|^Caused by:',
  '^(?!\\s|Caused by:|\\.\\.\\. \\d+ more).*',
  '^(?!.*DEBUG).*ERROR.*',
  '\\[(?<level>INFO|WARN|ERROR)\\]',
  '(?i:error|warning)',
  '^(["\']).*\\1',
])('%s is V8’s', async (pattern) => {
  expect(patternFault(pattern)).toBeUndefined();
  expect(await compilePattern(pattern)).toBeInstanceOf(RegExp);
});

test.each([
  '^(a+)+$',
  '^(a|a)*$',
  '(a*)*b',
  '(?:a?){30}a{30}b',
  `${'(?:a|aa)'.repeat(20)}$`,
  '(.*)(.*)(.*)(.*)=',
  '^(?:[\\w$]+\\.)+[\\w$]*(?:Exception|Error)',
  '^(?:[^"\\\\]|\\\\.)*"',
  '^\\S+ \\S+ \\S+ \\[',
])('%s comes to an end over a line that it does not match', async (pattern) => {
  expect(patternFault(pattern)).toBeUndefined();
  const compiled = await compilePattern(pattern);
  expect(compiled).not.toBeInstanceOf(RegExp);
  expect(compiled.test(hostile)).toBe(false);
});

test.each([
  ['^(?=a)(a+)+$', 'with (?=…) in it'],
  ['^(a+)+\\1$', 'with \\1 in it'],
  ['^(?:(?i:A+))+$', 'with (?i:…) in it'],
  ['(?:(?:a|b){20}c?){20}$', 'repeat less often'],
])('%s is refused: it could take for ever, and there is no other way', (pattern, why) => {
  expect(patternFault(pattern)).toMatch(/^could take for ever over one line/);
  expect(patternFault(pattern)).toContain(why);
});

test.each(['(', '[z-a]', '\\-', 'a{2,1}'])('%s is no expression', (pattern) => {
  expect(patternFault(pattern)).toMatch(/^is no expression of JavaScript with Unicode \(.+\); put a \\ before/);
});

const leaf = fc.constantFrom(
  ...[
    'a',
    'b',
    ' ',
    '\\.',
    '\\/',
    '.',
    '\\d',
    '\\D',
    '\\w',
    '\\W',
    '\\s',
    '\\S',
    '[ab]',
    '[^a]',
    '[\\w$]',
    '[^\\S\\t]',
    '[\\s\\S]',
  ],
  ...[
    '[]',
    '[^]',
    '[\\]\\-a]',
    '\\t',
    '\\x41',
    '\\u00e9',
    '\\u{1f600}',
    '\\ud83d\\ude00',
    '😀',
    '\\p{Lu}',
    '\\P{L}',
    '\\cI',
    '\\0',
  ],
  ...['^', '$', '\\b', '\\B', '[\\b]', '[a-c]', '[[:]'],
);
const expressions = fc.letrec<{ any: string; group: string; many: string }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    leaf,
    fc.array(tie('any'), { maxLength: 3 }).map((parts) => parts.join('')),
    tie('group'),
    tie('many'),
  ),
  group: fc
    .tuple(fc.constantFrom('(?:', '(', '(?<name>'), tie('any'), tie('any'))
    .map(([open, one, other]) => (open === '(?<name>' ? `(?:${one}|${other}|)` : `${open}${one}|${other})`)),
  many: fc
    .tuple(tie('any'), fc.constantFrom('*', '+', '?', '{2}', '{0,2}', '{1,}', '*?', '+?', '{1,3}?'))
    .map(([body, sign]) => `(?:${body})${sign}`),
})).any;
const lines = fc.string({ unit: fc.constantFrom(...'aabbcAé \t\u00a0\u2028\r.-$_/1:😀ß\u0000\b'), maxLength: 12 });

test('RE2 says of every line what V8 says', () => {
  fc.assert(
    fc.property(expressions, fc.array(lines, { minLength: 5, maxLength: 5 }), (pattern, texts) => {
      const v8 = new RegExp(pattern, 'u');
      const re2 = RE2JS.compile(re2Text(parseExpression(pattern)));
      for (const text of texts) expect(re2.test(text), JSON.stringify(text)).toBe(v8.test(text));
    }),
    { numRuns: count(60, 3000) },
  );
});
