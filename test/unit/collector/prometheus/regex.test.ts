import { expect, test } from 'vitest';
import { parseQuery, parseSelector } from '../../../../collector/prometheus/parse/parse.ts';
import { createRegexCompiler } from '../../../../collector/prometheus/regex.ts';

const compiled = (pattern: string): string => {
  try {
    createRegexCompiler()(pattern);
  } catch (error) {
    return error instanceof Error ? error.message : '';
  }
  return 'taken';
};

// Each covers 125,000 code points, which are folded one by one.
test.each([
  ['ranges', '(?i)', '[B-\u{1e942}]', 5],
  ['ranges of one class', '(?i)', '[B-\u{1e942}B-\u{1e942}B-\u{1e942}]', 2],
  ['ranges in hexadecimal', '(?i)', '[\\x{42}-\\x{1E942}]', 5],
  ['ranges from two digits', '(?i)', '[\\x42-\\x{1e942}]', 5],
  ['ranges from octal digits', '(?i)', '[\\102-\\x{1e942}]', 5],
  ['negated classes', '(?i)', '[^B-\u{1e942}]', 5],
  ['hyphens as ends', '(?i)', '[A-B--\u{1e942}]', 5],
  ['ranges behind a quoted text', '(?i)\\Q[\\\\E', '[B-\u{1e942}]', 5],
  ['a flag among others', '(?s-Ui)', '[B-\u{1e942}]', 5],
  ['a flag of a group', '', '(?i:[B-\u{1e942}])', 5],
  ['a flag after the first', '[B-\u{1e942}](?i)', '[B-\u{1e942}]', 5],
])('refuses %s that have to be folded', (_what, before, piece, times) => {
  expect(compiled(before + piece.repeat(times))).toContain('expression too large');
});

test.each([
  ['ranges with regard to case', '[B-\u{1e942}]'.repeat(100)],
  ['everything', '(?i)[\\x{0}-\\x{10ffff}]'],
  ['all that is not ASCII', '(?i)[^\\x00-\\x7f]+'],
  ['letters of alphabets', `(?i)${'[a-zа-яёα-ω一-龥]'.repeat(10)}`],
  ['texts with hyphens', '(?i)köln-österreich-01|日-本'],
  ['a group whose name has an i', '(?P<id>[B-\u{1e942}])'.replace('B', 'b')],
])('takes %s', (_what, pattern) => {
  expect(compiled(pattern)).toBe('taken');
});

const classes = (count: number, name: string) => `${name}=~"(?i)${'\\\\pL'.repeat(count)}"`;

test('the matchers of a request share its bounds; equal ones are compiled once', () => {
  const refusal = 'expression too large';
  expect(() => parseQuery(`up{${classes(30, 'a')}} + up{${classes(21, 'b')}}`)).toThrow(refusal);
  expect(parseQuery(`up{${classes(50, 'a')}} + up{${classes(50, 'b')}}`)).toBeDefined();

  const compile = createRegexCompiler();
  const long = (text: string) => `up{a=~"[${text.repeat(4096)}]"}`;
  for (const letter of 'abcdefghijklmno') parseSelector(long(letter), compile);
  expect(() => parseSelector(long('p'), compile)).toThrow(refusal);
  expect(parseSelector(long('a'), compile)).toHaveLength(2);
});
