import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type ScanOptions, scanLines } from '../../../../../agent/sources/files/lines.ts';

const defaults: ScanOptions = { encoding: 'utf-8', maxLineBytes: 1024, splitting: false, final: false };

function scan(bytes: Buffer | string, options: Partial<ScanOptions> = {}) {
  const found: [string, number, string | undefined][] = [];
  const result = scanLines(Buffer.from(bytes as Buffer), { ...defaults, ...options }, (...line) => found.push(line));
  return { found, ...result };
}

test('hands out whole lines with their places and leaves the rest', () => {
  expect(scan('one\r\ntwo\n\nthr')).toEqual({
    found: [
      ['one', 0, undefined],
      ['two', 5, undefined],
    ],
    consumed: 10,
    splitting: false,
  });
});

test('takes the rest for a line when nothing will follow', () => {
  expect(scan('one\ntwo', { final: true })).toMatchObject({
    found: [
      ['one', 0, undefined],
      ['two', 4, undefined],
    ],
    consumed: 7,
  });
  expect(scan('eins\nzwölf', { final: true }).found.at(-1)).toEqual(['zwölf', 5, undefined]);
});

test('splits a line over the limit and marks its parts, also across chunks', () => {
  const first = scan('abcdefghij', { maxLineBytes: 4 });
  expect(first).toEqual({
    found: [
      ['abcd', 0, 'start'],
      ['efgh', 4, 'middle'],
    ],
    consumed: 8,
    splitting: true,
  });
  expect(scan('ij\nnext\n', { maxLineBytes: 4, splitting: true }).found).toEqual([
    ['ij', 0, 'end'],
    ['next', 3, undefined],
  ]);
});

test('does not cut a character when it splits', () => {
  const { found } = scan('ääää\n', { maxLineBytes: 5 });
  expect(found.map(([text]) => text)).toEqual(['ää', 'ää']);
});

test('replaces bytes that are no text and keeps NUL', () => {
  expect(scan(Buffer.from([0x61, 0xff, 0x00, 0x62, 0x0a])).found).toEqual([['a\ufffd\0b', 0, undefined]]);
});

test.each(['utf-16le', 'utf-16be'] as const)('decodes %s', (encoding) => {
  const bytes = Buffer.from('größe\r\n\u010a ok\nrest', 'utf16le');
  if (encoding === 'utf-16be') bytes.swap16();
  const { found, consumed } = scan(bytes, { encoding });
  expect(found.map(([text]) => text)).toEqual(['größe', '\u010a ok']);
  expect(consumed).toBe(bytes.length - 8);
});

test('gives the same lines whatever the chunks are', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: 'grapheme', maxLength: 40 })),
      fc.integer({ min: 60, max: 200 }),
      (texts, size) => {
        const bytes = Buffer.from(texts.map((text) => `${text}\n`).join(''));
        const whole = scan(bytes, { maxLineBytes: 50 });
        const pieces: [string, number, string | undefined][] = [];
        let offset = 0;
        let splitting = false;
        for (let turns = 0; offset < bytes.length && turns < 10_000; turns += 1) {
          const chunk = bytes.subarray(offset, offset + size);
          const result = scanLines(chunk, { ...defaults, maxLineBytes: 50, splitting }, (text, start, part) =>
            pieces.push([text, offset + start, part]),
          );
          ({ splitting } = result);
          offset += result.consumed;
        }
        expect(pieces).toEqual(whole.found);
      },
    ),
  );
});
