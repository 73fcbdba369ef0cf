import { globSync, readFileSync } from 'node:fs';
import { Type } from 'typebox';
import { expect, test } from 'vitest';
import { bundle } from '../../../agent/profile/bundle.ts';
import { schemaFaults } from '../../../config/schema-faults.ts';
import { nameWords, patternWords, textPattern } from '../../../config/text-pattern.ts';

test('a pattern has one phrase, which is told instead of it', () => {
  const Name = Type.String({ pattern: textPattern('^t[0-9]$', 'must be t and a digit') });
  expect(patternWords('^t[0-9]$')).toBe('must be t and a digit');
  expect(() => textPattern('^t[0-9]$', 'is something else')).toThrow('BUG');
  expect(schemaFaults(Type.Object({ name: Name }), { name: 'x' })).toEqual([
    { path: ['name'], message: 'must be t and a digit', missing: false },
  ]);
});

test('a key that is no name says what names are made of', () => {
  expect(schemaFaults(bundle.schema, { 'SQL server': { description: 'd', items: [] } })).toEqual([
    { path: ['SQL server'], message: `is not known here: a name ${nameWords(64)}`, missing: false },
  ]);
});

/** What programs alone write to each other. */
const betweenPrograms = [
  'protocol/control.ts',
  'agent/sources/event-log/position.ts',
  'collector/case/bundle-lines.ts',
];

test('every pattern that a person can meet has words', () => {
  const root = new URL('../../../', import.meta.url);
  const files = ['agent', 'bundle', 'cli', 'collector', 'config', 'media', 'protocol'].flatMap((folder) =>
    globSync(`${folder}/**/*.ts`, { cwd: root }),
  );
  const raw = files.filter((file) =>
    /Type\.String\(\{[^}]*\bpattern:(?!\s*(?:textPattern\(|bundleIdPattern))/.test(
      readFileSync(new URL(file, root), 'utf8'),
    ),
  );
  expect(raw.sort()).toEqual([...betweenPrograms].sort());
});
