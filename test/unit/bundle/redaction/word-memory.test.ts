import { expect, test } from 'vitest';
import { createWordMemory, hashedByte, wordHash } from '../../../../bundle/redaction/word-memory.ts';

const hashOf = (word: string): number => Buffer.from(word).reduce(hashedByte, wordHash);

test('of two words with the same hash neither is taken for the other', () => {
  expect(hashOf('costarring')).toBe(hashOf('liquid'));
  const memory = createWordMemory<string>(8);
  const text = Buffer.from('costarring liquid');
  memory.set(text, 0, 10, hashOf('costarring'), 'first');
  expect(memory.get(text, 0, 10, hashOf('costarring'))).toBe('first');
  expect(memory.get(text, 11, 17, hashOf('liquid'))).toBeUndefined();
  memory.set(text, 11, 17, hashOf('liquid'), 'second');
  expect(memory.get(text, 11, 17, hashOf('liquid'))).toBe('second');
  expect(memory.get(text, 0, 10, hashOf('costarring'))).toBeUndefined();
});

test('a word is kept when the memory that it was found in is used again', () => {
  const memory = createWordMemory<string>(8);
  const text = Buffer.from('node1');
  memory.set(text, 0, 5, hashOf('node1'), 'one');
  text.fill('x');
  expect(memory.get(Buffer.from('node1'), 0, 5, hashOf('node1'))).toBe('one');
});

test('it never holds more than it was told to', () => {
  const memory = createWordMemory<number>(4);
  const words = ['a', 'b', 'c', 'd', 'e', 'f'];
  for (const [at, word] of words.entries()) memory.set(Buffer.from(word), 0, 1, hashOf(word), at);
  expect(words.filter((word) => memory.get(Buffer.from(word), 0, 1, hashOf(word)) !== undefined)).toEqual(['e', 'f']);
});
