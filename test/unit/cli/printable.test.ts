import fc from 'fast-check';
import { expect, test } from 'vitest';
import { printable } from '../../../cli/printable.ts';
import { formatTable } from '../../../cli/table.ts';

test('shows control characters, overrides and invisible marks as escapes, and leaves text alone', () => {
  expect(printable('a\tb\r\n\u001b[31m\u0000\u007f')).toBe('a\\tb\\r\\n\\x1b[31m\\x00\\x7f');
  expect(printable('\u202egnp.exe\u2066\ufeff\u{e0041}\ud800')).toBe('\\u202egnp.exe\\u2066\\ufeff\\u{e0041}\\ud800');
  expect(printable('Größe 日本 🚀 C:\\temp')).toBe('Größe 日本 🚀 C:\\temp');
});

test('whatever comes in, nothing comes out that a terminal acts on', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(printable(text)).not.toMatch(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u);
    }),
    { numRuns: 2000 },
  );
});

test('a table aligns by the columns that a text takes, colours only where asked', () => {
  const columns = [
    { title: 'A', text: (row: string) => row, color: () => 'red' as const },
    { title: 'N', text: () => '1', align: 'right' as const },
  ];
  expect(formatTable(['日本', 'x'], columns, false)).toBe('A     N\n日本  1\nx     1\n');
  expect(formatTable(['x'], columns, true)).toBe('A  N\n\u001b[31mx\u001b[0m  1\n');
});
