import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nodeNamePattern, sanitiseNodeName, uniqueNodeName } from '../../../../collector/identity/node-name.ts';

test('a node is called what its host calls itself, in small letters', () => {
  expect(sanitiseNodeName('HV-01.Contoso.local')).toBe('hv-01.contoso.local');
  expect(sanitiseNodeName(' my host! ')).toBe('my-host');
  expect(sanitiseNodeName('../../etc/passwd')).toBe('etc-passwd');
  expect(sanitiseNodeName('日本')).toBe('node');
});

test('whatever is asked for, the name is fit for a certificate and a file name', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (asked) => {
      expect(sanitiseNodeName(asked)).toMatch(nodeNamePattern);
    }),
  );
});

test('a taken name gets the next free number and stays within 63 characters', () => {
  const taken = new Set(['a', 'a-2']);
  expect(uniqueNodeName('a', (name) => taken.has(name))).toBe('a-3');
  expect(uniqueNodeName('b', (name) => taken.has(name))).toBe('b');
  const long = 'x'.repeat(63);
  const next = uniqueNodeName(long, (name) => name === long);
  expect(next).toBe(`${'x'.repeat(61)}-2`);
  expect(next).toMatch(nodeNamePattern);
});
