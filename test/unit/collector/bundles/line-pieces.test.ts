import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { createLinePieces, type LinePiece } from '../../../../collector/bundles/parquet/line-pieces.ts';

const folder = mkdtempSync(join(tmpdir(), 'sextant-pieces-'));
let files = 0;
const nextPath = async () => join(folder, String(++files));
afterAll(() => rmSync(folder, { recursive: true }));

const read = (pieces: readonly LinePiece[]): string[] => pieces.map(({ path }) => readFileSync(path, 'utf8'));

test('however the content is cut, pieces are its objects, whole lines in order, and the rest is counted', async () => {
  const line = fc.oneof(
    fc.string({ minLength: 0, maxLength: 30 }).map((text) => `{"a":${JSON.stringify(text)}}`),
    fc.constantFrom('[sextant: left out]', '{}', 'x'),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(line, { maxLength: 30 }),
      fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 20 }),
      fc.integer({ min: 1, max: 200 }),
      fc.boolean(),
      async (lines, cuts, maxBytes, ends) => {
        const content = Buffer.from(lines.map((text) => `${text}\n`).join('')).subarray(0, ends ? undefined : -1);
        const pieces = createLinePieces(nextPath, maxBytes);
        const made: LinePiece[] = [];
        for (let at = 0, turn = 0; at < content.length; turn++) {
          const next = at + (cuts[turn % cuts.length] ?? 1);
          made.push(...(await pieces.write(content.subarray(at, next))));
          at = next;
        }
        await pieces.endLine();
        const last = await pieces.end();
        if (last) made.push(last);
        const objects = lines.filter((text) => text.startsWith('{'));
        const texts = read(made);
        expect(texts.join('')).toBe(objects.map((text) => `${text}\n`).join(''));
        expect(pieces.otherLines).toBe(lines.length - objects.length);
        for (const [at, { rows, bytes }] of made.entries()) {
          const text = texts[at] ?? '';
          expect(text.endsWith('\n')).toBe(true);
          expect({ rows, bytes }).toEqual({ rows: text.split('\n').length - 1, bytes: Buffer.byteLength(text) });
          // It is cut at the first line that fills it.
          expect(bytes - Buffer.byteLength(text.split('\n').at(-2) ?? '') - 1).toBeLessThan(maxBytes);
        }
      },
    ),
  );
});

test('what is abandoned is gone', async () => {
  const before = readdirSync(folder);
  const pieces = createLinePieces(nextPath, 100);
  await pieces.write(Buffer.from('{"a":1}\n{"a"'));
  expect(readdirSync(folder)).toHaveLength(before.length + 1);
  await pieces.abandon();
  expect(readdirSync(folder)).toEqual(before);
});
