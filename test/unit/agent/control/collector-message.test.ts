import fc from 'fast-check';
import { Compile } from 'typebox/compile';
import { expect, test } from 'vitest';
import { isCollectorMessage } from '../../../../agent/control/collector-message.ts';
import { CollectorMessage } from '../../../../protocol/control.ts';
import { count } from '../../../long.ts';

const schema = Compile(CollectorMessage);
const name = fc.oneof(fc.string({ maxLength: 20 }), fc.constantFrom('a'.repeat(64), 'a'.repeat(65), '0'.repeat(64)));
const anything = fc.oneof(
  fc.double(),
  fc.integer(),
  name,
  fc.boolean(),
  fc.constant(null),
  fc.array(fc.oneof(name, fc.integer()), { maxLength: 4 }),
  fc.constantFrom(
    Array.from({ length: 64 }, () => 'x'),
    Array.from({ length: 65 }, () => 'x'),
  ),
);
const message = fc.record(
  {
    type: fc.constantFrom('heartbeat-reply', 'gather', 'gather-cancel', 'estimate', 'profiles', 'hello', 'toString', 7),
    sentUnixMs: fc.oneof(fc.integer(), anything),
    collectorUnixMs: fc.oneof(fc.integer(), anything),
    bundleId: fc.oneof(name, anything),
    estimateId: fc.oneof(name, anything),
    sourceMaxBytes: fc.oneof(
      fc.record({ files: anything, commands: fc.integer(), journal: fc.double() }, { requiredKeys: [] }),
      anything,
    ),
    classes: fc.oneof(
      fc.array(fc.constantFrom('files', 'commands', 'journal', 'logs'), { maxLength: 4 }),
      fc.array(fc.constantFrom('files', 'commands', 'journal'), { maxLength: 3 }),
      anything,
    ),
    redaction: fc.oneof(fc.constantFrom('none', 'standard', 'strict', 'loose'), anything),
    tag: fc.oneof(name, anything),
    attempt: fc.oneof(fc.integer({ min: -1, max: 3 }), anything),
    fromUnixMs: fc.integer(),
    untilUnixMs: fc.integer(),
    deadlineMs: fc.oneof(fc.integer(), anything),
    roles: fc.oneof(fc.array(name), anything),
    redactionKey: fc.oneof(fc.constant('ab'.repeat(32)), fc.constant('AB'.repeat(32)), anything),
    raw: fc.oneof(
      fc.record({
        recipients: fc.oneof(fc.array(fc.oneof(name, fc.constant('a'.repeat(129))), { maxLength: 3 }), anything),
      }),
      anything,
    ),
    more: anything,
  },
  { requiredKeys: ['type'] },
);

test('judges as the schema of the protocol does', () => {
  let good = 0;
  fc.assert(
    fc.property(fc.oneof({ weight: 20, arbitrary: message }, { weight: 1, arbitrary: anything }), (value) => {
      // Only what JSON can carry comes over the stream.
      const read: unknown = JSON.parse(JSON.stringify(value) ?? 'null');
      const verdict = isCollectorMessage(read);
      expect(verdict).toBe(schema.Check(read));
      if (verdict) good += 1;
    }),
    { numRuns: count(2000, 50_000) },
  );
  expect(good).toBeGreaterThan(50);
});
