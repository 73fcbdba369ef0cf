import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { logFilter } from '../../../../collector/query/log-filter.ts';
import { compileLogQuery } from '../../../../collector/query/log-query/compile.ts';
import { parseLogQuery } from '../../../../collector/query/log-query/parse.ts';
import { withFilter } from '../../../../collector/query/sql-file.ts';
import { startEngine } from './engine.ts';

const compiled = (text: string) => compileLogQuery(parseLogQuery(text));

const words = (name: string) => `hasAllTokens(lower(Body), {${name}:Array(String)})`;
const holds = (name: string) => `position(lower(Body), {${name}:String}) > 0`;

test.each([
  ['', 'true', {}],
  ['Refused', words('q0'), { q0: ['refused'] }],
  ['*fuse*', 'lower(Body) LIKE {q0:String}', { q0: '%fuse%' }],
  ['refus*', 'lower(Body) LIKE {q0:String}', { q0: '%refus%' }],
  ['"100% a_b"', `(${words('q0')}) AND (${holds('q1')})`, { q0: ['100', 'a', 'b'], q1: '100% a_b' }],
  [
    '"say \\"hi\\" C:\\dir"',
    `(${words('q0')}) AND (${holds('q1')})`,
    { q0: ['say', 'hi', 'c', 'dir'], q1: 'say "hi" c:\\dir' },
  ],
  ['Größe', 'positionCaseInsensitiveUTF8(Body, {q0:String}) > 0', { q0: 'Größe' }],
  ['=>', `(${holds('q0')})`, { q0: '=>' }],
  ['node:n1', 'Node = {q0:String}', { q0: 'n1' }],
  ['scope:journald*', 'startsWith(ScopeName, {q0:String})', { q0: 'journald' }],
  ['severity:error', 'SeverityNumber BETWEEN {q0:UInt8} AND {q1:UInt8}', { q0: 17, q1: 20 }],
  ['severity:>=warning', 'SeverityNumber >= {q0:UInt8}', { q0: 13 }],
  ['-a', `NOT (${words('q0')})`, { q0: ['a'] }],
  ['a b', `(${words('q0')}) AND (${words('q1')})`, { q0: ['a'], q1: ['b'] }],
  ['or', words('q0'), { q0: ['or'] }],
  ['12:30:05', `(${words('q0')}) AND (${holds('q1')})`, { q0: ['12', '30', '05'], q1: '12:30:05' }],
  [
    'http.url:"a b" OR (x NOT y)',
    '((LogAttributes[{q0:String}] = {q1:String}) OR (ResourceAttributes[{q0:String}] = {q2:String})) OR ' +
      `((${words('q3')}) AND (NOT (${words('q4')})))`,
    { q0: 'http.url', q1: 'a b', q2: 'a b', q3: ['x'], q4: ['y'] },
  ],
])('compiles %s', (text, sql, parameters) => {
  expect(compiled(text)).toEqual({ sql, parameters });
});

test.each([
  ['"open', 'column 1: this quote is not closed'],
  ['a (b c', 'column 3: this parenthesis is not closed'],
  ['a ) b', 'column 3: this parenthesis was never opened'],
  ['a OR', 'column 5: a word, "phrase", field:value or parenthesis is missing here'],
  ['a -', 'column 4: a word, "phrase", field:value or parenthesis is missing here'],
  ['x node: y', 'column 3: node: needs a value right behind the colon'],
  ['a severity:loud', 'column 3: “loud” is no severity'],
  ['node:>=5', 'column 1: >= works with severity only'],
  [`${'('.repeat(40)}a`, 'parentheses nest at most'],
  ['a '.repeat(65), 'at most 64 terms'],
])('refuses %s with the place', (text, message) => {
  expect(() => compiled(text)).toThrow(message);
});

test('no query text makes SQL: whatever is typed, the statement consists of known pieces', () => {
  const known =
    /^(true|false|NOT|AND|OR|BETWEEN|LIKE|Body|lower|hasAllTokens|position|positionCaseInsensitiveUTF8|startsWith|mapContains|LogAttributes|ResourceAttributes|Node|ServiceName|ScopeName|EventName|TraceId|SpanId|SeverityNumber|\{q\d+:(String|UInt8|Array\(String\))\}|[\s()[\],=<>0-9']|!=)*$/;
  const piece = fc.oneof(
    fc.string(),
    fc.constantFrom('(', ')', '-', 'OR ', 'node:', 'a.b:', '"', '*', "'", '`', ';--', '{q0:String}'),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      try {
        expect(compiled(pieces.join('')).sql).toMatch(known);
      } catch (error) {
        if ((error as { code?: string }).code !== 'SX_BAD_REQUEST') throw error;
      }
    }),
    { numRuns: 2000 },
  );
});

const pieces = [
  'Error',
  'refused',
  'REFUSED',
  'a_b',
  '100%',
  'C:\\temp',
  "it's",
  'über',
  'ÜBER',
  '10.0.0.7',
  'x',
  '日本',
  'user=77',
  '-',
  '\n',
];
let engine: Awaited<ReturnType<typeof startEngine>>;
const bodies = fc.sample(
  fc.array(fc.constantFrom(...pieces, ' ', '=', 'fused', 'err'), { maxLength: 12 }).map((parts) => parts.join('')),
  { numRuns: 3000, seed: 7 },
);

beforeAll(async () => {
  engine = await startEngine();
  const rows = bodies.map((Body, Sequence) => ({ Timestamp: '2026-11-20 11:00:00', Body, Sequence }));
  await engine.insert('otel_logs', rows);
});
afterAll(() => engine.close());

test('the engine finds exactly the records whose body holds the text, whatever the case', async () => {
  const folded = (text: string) => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
  const needles = [
    ...pieces,
    'a refused x',
    'err',
    'FUSED',
    'used 1',
    'rror=',
    'b1',
    '_',
    '%',
    '\\',
    'r refused',
    'nothing',
  ];
  for (const needle of needles) {
    const filter = logFilter({ grep: needle });
    const result = await engine.store.query<{ Sequence: number }>(
      withFilter('SELECT Sequence FROM otel_logs WHERE /*filter*/ true ORDER BY Sequence', filter),
      { parameters: filter.parameters },
    );
    const fold = /^[\x20-\x7e]*$/.test(needle) ? folded : (text: string) => text.toLowerCase();
    const expected = bodies.flatMap((body, index) => (fold(body).includes(fold(needle)) ? [index] : []));
    expect(
      result.rows.map((row) => Number(row.Sequence)),
      needle,
    ).toEqual(expected);
  }
});

test('the engine finds exactly the records that hold the words whole, and the text as it stands', async () => {
  const folded = (text: string) => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
  const tokens = (text: string): string[] => folded(text).match(/[a-z0-9\u0080-\u{10ffff}]+/gu) ?? [];
  for (const asked of ['refused', 'REFUSED', 'err', 'a_b', '10.0.0.7', 'user=77', 'x 100%', 'fused', '100']) {
    const filter = logFilter({ q: `"${asked}"` });
    const result = await engine.store.query<{ Sequence: number }>(
      withFilter('SELECT Sequence FROM otel_logs WHERE /*filter*/ true ORDER BY Sequence', filter),
      { parameters: filter.parameters },
    );
    const expected = bodies.flatMap((body, index) =>
      folded(body).includes(folded(asked)) && tokens(asked).every((token) => tokens(body).includes(token))
        ? [index]
        : [],
    );
    expect(expected.length, asked).toBeGreaterThan(0);
    expect(
      result.rows.map((row) => Number(row.Sequence)),
      asked,
    ).toEqual(expected);
  }
});
