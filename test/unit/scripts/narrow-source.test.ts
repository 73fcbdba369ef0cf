import { runInThisContext } from 'node:vm';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { narrowSource } from '../../../scripts/narrow-source.js';

/** Enough plain text that escapes are worth it. */
const around = (code: string): string => `${'/* plain */'.repeat(400)}\n${code}`;
const isAscii = (text: string): boolean => /^[\0-\x7f]*$/.test(text);
const evaluated = (code: string): unknown => runInThisContext(`{${code}\n}`);

test('text in strings, templates and regular expressions means what it meant', () => {
  const text = fc.string({ unit: 'binary', maxLength: 20 }).filter((value) => !/[\u2028\u2029]/.test(value));
  fc.assert(
    fc.property(text, (value) => {
      const literal = JSON.stringify(value);
      const template = `\`${value.replace(/[\\`$]/g, '\\$&').replace(/\r/g, '')}\``;
      for (const code of [around(literal), around(template)]) {
        expect(evaluated(narrowSource(code))).toBe(evaluated(code));
        expect(isAscii(narrowSource(code))).toBe(true);
      }
    }),
  );
  for (const code of ["/^[–—]\\–+$/.test('–––')", "/^😀$/u.test('😀')", "'\\–\\\\—'", 'const größe = 3; größe']) {
    expect(evaluated(narrowSource(around(code)))).toEqual(evaluated(around(code)));
    expect(isAscii(narrowSource(around(code)))).toBe(true);
  }
});

test('a table of such characters stays as it is', () => {
  const table = `export const table = '${'日本語'.repeat(100)}';`;
  expect(narrowSource(table)).toBe(table);
});

test('what ends a line is left alone', () => {
  const code = around('1 // a comment \u2028 + 1');
  expect(evaluated(narrowSource(code))).toBe(2);
});
