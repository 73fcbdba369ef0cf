import { expect, test } from 'vitest';
import { parseQuery, parseSelector } from '../../../../collector/prometheus/parse/parse.ts';

const refusal = (query: string): string => {
  try {
    parseQuery(query);
  } catch (error) {
    return error instanceof Error ? `${error.name}: ${error.message}` : '';
  }
  return 'taken';
};

test.each([
  ['sum by (a', '1:10: parse error: unexpected end of input'],
  ['1 +\n* 2', '2:1: parse error: unexpected "* 2"'],
  ['rate(up)', 'expected type range vector in call to function "rate", got instant vector'],
  ['mad_over_time(up[5m])', 'the function mad_over_time is not supported'],
  ['limitk(1, up)', 'the aggregation limitk is not supported'],
  ['up </ 1', 'the operator </ is not supported'],
  ['up[5m] smoothed', 'smoothed is not supported'],
  ['up + fill(0) up', 'the fill modifier is not supported'],
  ['up[5m * 2]', 'the duration expression 5m * 2 is not supported'],
  ['up{a=~"(?=x)"}', 'error parsing regexp'],
  ['up{a="\\q"}', 'this string is not well formed'],
  ['{job=~".*"}', 'must contain at least one non-empty matcher'],
])('refuses %s and says why', (query, message) => {
  expect(refusal(query)).toContain(message);
  expect(refusal(query)).toMatch(/^PrometheusFailure/);
});

const n = 20_000;
test.each([
  ['brackets', '('.repeat(n)],
  ['calls', `${'abs('.repeat(n)}up${')'.repeat(n)}`],
  ['signs', `${'-'.repeat(n)}1`],
  ['mixed signs', `${'+-'.repeat(n)}1`],
  ['a chain', `${'up + '.repeat(5000)}up`],
  ['a chain of signs', `up${' - -up'.repeat(5000)}`],
  ['offsets', `up${' offset 1m'.repeat(5000)}`],
  ['subqueries', `up${'[1m:]'.repeat(5000)}`],
  ['braces', '{'.repeat(n)],
  ['quotes', `up{a="${'\\"'.repeat(n)}`],
  ['matchers', `up{${'a="b",'.repeat(20_000)}}`],
  ['something too long', 'a'.repeat(100_000)],
  ['a regular expression that unfolds', 'up{a=~"(((((a{1,30}){1,10}){1,3})))(((((a{1,30}){1,10}){1,3})))"}'],
  ['repetitions', `up{a=~"${'a{1000}'.repeat(900)}"}`],
  ['numbers', `${'9'.repeat(60_000)} +`],
])('refuses %s without end', (_what, query) => {
  expect(refusal(query)).toMatch(/^PrometheusFailure/);
});

test('counts brackets behind a quote in a comment, and none in comments', () => {
  const deep = `# don't\n${'('.repeat(65)}1${')'.repeat(65)}`;
  expect(refusal(deep)).toContain('nested deeper');
  expect(parseSelector(`up # ${'('.repeat(65)}`)).toHaveLength(1);
});

test('a long list of alternatives is no hostile input', () => {
  const hosts = Array.from({ length: 400 }, (_, index) => `host-${index}`).join('|');
  const [name, host] = parseSelector(`up{host=~"${hosts}"}`);
  expect([name?.value, host?.matches('host-399'), host?.matches('host-400')]).toEqual(['up', true, false]);
});

test('names in quotes, comments and every form of number are read', () => {
  expect(parseSelector('{"a.b", "c.d"=~"x"} # all of it')).toMatchObject([{ value: 'a.b' }, { name: 'c.d' }]);
  for (const [text, value] of [
    ['0x10', 16],
    ['1_000', 1000],
    ['1e-3', 0.001],
    ['.5', 0.5],
    ['1h30m', 5400],
    ['-Inf', Number.NEGATIVE_INFINITY],
  ] as const) {
    expect(parseQuery(text), text).toEqual({ kind: 'number', value });
  }
  expect(parseQuery('"\\x41\\u00e9\\t"')).toEqual({ kind: 'string', value: 'Aé\t' });
});
