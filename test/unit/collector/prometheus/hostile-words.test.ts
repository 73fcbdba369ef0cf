import { expect, test } from 'vitest';
import { createMatcher } from '../../../../collector/prometheus/matchers.ts';
import { conditionOf } from '../../../../collector/prometheus/read/condition.ts';
import { familyName } from '../../../../collector/prometheus/read/names.ts';

// What every object of JavaScript has must not be found in our tables.
test.each(['constructor', 'toString', 'valueOf'])('a unit and a label called %s are words like others', (word) => {
  expect(familyName({ name: 'load', unit: word, kind: 'gauge', isMonotonic: false }, 'prometheus')).toMatch(/^load_\w/);
  expect(familyName({ name: 'load', unit: `By/${word}`, kind: 'gauge', isMonotonic: false }, 'prometheus')).toMatch(
    /^load_bytes_per_\w/,
  );
  const condition = conditionOf([createMatcher(word, '=', 'x')], new Set([word]), 'original');
  expect(condition?.sql).toBe('Attributes[{m0:String}] = {m1:String}');
});

test('an expression of many classes of Unicode, which takes seconds to compile, is refused', () => {
  expect(() => createMatcher('a', '=~', `(?i)${'[\\pL]'.repeat(51)}`)).toThrow('expression too large');
});
