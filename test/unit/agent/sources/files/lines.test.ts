import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type ScanOptions, scanLines } from '../../../../../agent/sources/files/lines.ts';
import { loadEncoding, utf8, utf16be, utf16le } from '../../../../../agent/sources/files/text-encoding.ts';

const defaults: ScanOptions = { encoding: utf8, maxLineBytes: 1024, splitting: false, final: false };

function scan(bytes: Buffer | string, options: Partial<ScanOptions> = {}) {
  const found: [string, number, string | undefined][] = [];
  const result = scanLines(Buffer.from(bytes as Buffer), { ...defaults, ...options }, (text, start, end, place, part) =>
    found.push([text.toString('utf8', start, end), place, part]),
  );
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

test.each(['utf-16le', 'utf-16be'] as const)('decodes %s', (name) => {
  const encoding = name === 'utf-16le' ? utf16le : utf16be;
  const bytes = Buffer.from('größe\r\n\u010a ok\nrest', 'utf16le');
  if (name === 'utf-16be') bytes.swap16();
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
          const result = scanLines(
            chunk,
            { ...defaults, maxLineBytes: 50, splitting },
            (text, start, end, place, part) => pieces.push([text.toString('utf8', start, end), offset + place, part]),
          );
          ({ splitting } = result);
          offset += result.consumed;
        }
        expect(pieces).toEqual(whole.found);
      },
    ),
  );
});

test('passes over the hole that a writer leaves when it goes on at its old place', () => {
  const hole = Buffer.concat([Buffer.alloc(500), Buffer.from('next\n')]);
  expect(scan(hole, { maxLineBytes: 64 })).toEqual({
    found: [['next', 500, undefined]],
    consumed: 505,
    splitting: false,
  });
  expect(scan(Buffer.alloc(300), { maxLineBytes: 64 })).toEqual({ found: [], consumed: 300, splitting: false });
});

test.each([
  ['windows-1252', 'Gr\xf6\xdfe \x80\n', 'Größe €'],
  ['cp437', 'Gr\x94\xe1e\n', 'Größe'],
  ['cp850', 'Gr\x94\xe1e\n', 'Größe'],
  ['iso-8859-15', '\xa4 5\n', '€ 5'],
  ['koi8-r', '\xf0\xd2\xc9\n', 'При'],
  ['cp932', '\x83\x65\x83\x58\x83\x67\n', 'テスト'],
  ['cp936', '\xb2\xe2\xca\xd4\n', '测试'],
] as const)('decodes %s', async (name, bytes, text) => {
  const encoding = await loadEncoding(name);
  if (!encoding) throw new Error('there is no such encoding');
  expect(scan(Buffer.from(`plain\r\n${bytes}`, 'latin1'), { encoding }).found).toEqual([
    ['plain', 0, undefined],
    [text, 7, undefined],
  ]);
});

test('does not cut a character of two bytes when it splits', async () => {
  const encoding = (await loadEncoding('cp936')) ?? utf8;
  const { found } = scan(Buffer.from('a\xb2\xe2\xca\xd4\n', 'latin1'), { encoding, maxLineBytes: 4 });
  expect(found.map(([text]) => text)).toEqual(['a测', '试']);
});
