import { expect, test } from 'vitest';
import { errorFields } from '../../../logging/error-fields.ts';

test('what wrapped errors say stands there once, with the innermost calls', () => {
  const engine = Object.assign(new Error('Code: 434. DB::Exception: Cannot parse x (CANNOT_PARSE)'), { code: '434' });
  const query = new Error('Code: 434. DB::Exception: Cannot parse x (CANNOT_PARSE)', { cause: engine });
  const outer = Object.assign(new TypeError('Cannot parse x', { cause: query }), { code: '434' });
  const fields = errorFields(outer) as { stack: string[] };
  expect(fields).toEqual({
    type: 'TypeError',
    code: '434',
    message: 'Code: 434. DB::Exception: Cannot parse x (CANNOT_PARSE)',
    stack: expect.any(Array),
  });
  expect(fields.stack[0]).toContain('error-fields.test.ts');
  expect(fields.stack.length).toBeLessThanOrEqual(8);
});

test('a cause that says something else is told behind it', () => {
  const error = new Error('fetch failed', { cause: new Error('connect ECONNREFUSED') });
  expect(errorFields(error)).toMatchObject({ message: 'fetch failed: connect ECONNREFUSED' });
});

test('endless and circular causes end, long messages are cut, and what is no error stays as it is', () => {
  const circle = new Error('round');
  circle.cause = circle;
  expect(errorFields(circle)).toMatchObject({ message: 'round' });
  expect(errorFields(new Error('x'.repeat(10_000)))).toMatchObject({ message: 'x'.repeat(2000) });
  expect(errorFields('text')).toBe('text');
  expect(errorFields(undefined)).toBe(undefined);
});
