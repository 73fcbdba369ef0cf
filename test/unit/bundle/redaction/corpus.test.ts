import { describe, expect, test } from 'vitest';
import { createRedactor } from '../../../../bundle/redaction/redactor.ts';
import { sniffEncoding } from '../../../../bundle/text-encoding.ts';
import { count } from '../../../long.ts';
import { cleanLines } from './clean-lines.ts';
import { plantedTexts, siteNames } from './planted.ts';

const key = Buffer.alloc(32, 7);
const planted = plantedTexts();

/** What stands in base64 is not to be seen as it is. */
const decoded = /-enc|-EncodedCommand/;
const redactors = {
  none: createRedactor({ key, profile: 'none' }),
  standard: createRedactor({ key, profile: 'standard', names: siteNames }),
  strict: createRedactor({ key, profile: 'strict', names: siteNames }),
};

async function redacted(bytes: Buffer, profile: keyof typeof redactors, pieceBytes: number): Promise<string> {
  const encoding = sniffEncoding(bytes);
  if (encoding === 'binary') throw new Error('not text');
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += pieceBytes) pieces.push(bytes.subarray(at, at + pieceBytes));
  const out: Buffer[] = [];
  for await (const chunk of redactors[profile].stream(pieces, {}, encoding)) out.push(chunk);
  return Buffer.concat(out).toString('utf8');
}

test('the corpus plants at least 300 secrets and identities, and without redaction every one of them is seen', async () => {
  expect(planted.flatMap((entry) => entry.planted).length).toBeGreaterThanOrEqual(300);
  for (const { text, planted: values, encoding } of planted) {
    const output = await redacted(Buffer.from(`before\n${text}\nafter\n`, encoding ?? 'utf8'), 'none', 4096);
    for (const value of values) if (!decoded.test(text)) expect(output).toContain(value);
  }
});

describe.each(['standard', 'strict'] as const)('profile %s', (profile) => {
  test('lets none of them through, each text alone', async () => {
    const leaks: string[] = [];
    for (const { what, text, planted: values, encoding } of planted) {
      const bytes = Buffer.from(`before\n${text}\nafter\n`, encoding ?? 'utf8');
      const output = await redacted(bytes, profile, 64 * 1024);
      for (const value of values) if (output.includes(value)) leaks.push(`${what}: ${text}`);
    }
    expect(leaks).toEqual([]);
  });

  test('lets none of them through among clean lines, whatever the pieces', async () => {
    const clean = cleanLines(2000);
    const lines = planted.flatMap(({ text }, at) => [...clean.slice(at * 3, at * 3 + 3), text]);
    const bytes = Buffer.from(`${lines.join('\n')}\n`);
    const whole = await redacted(bytes, profile, bytes.length);
    for (const size of [997, 64 * 1024]) expect(await redacted(bytes, profile, size)).toBe(whole);
    const leaks = planted.flatMap(({ what, text, planted: values }) =>
      values.filter((value) => value.length > 5 && whole.includes(value)).map(() => `${what}: ${text}`),
    );
    expect(leaks).toEqual([]);
  });
});

test('changes at most one in a hundred clean lines', () => {
  const redactor = redactors.standard;
  const lines = cleanLines(count(5000, 100_000));
  const changed = lines.filter((line) => redactor.text(line, {}) !== line);
  expect(changed.length / lines.length).toBeLessThanOrEqual(0.01);
});
