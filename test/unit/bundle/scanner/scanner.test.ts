import fc from 'fast-check';
import { expect, test } from 'vitest';
import { rulesOf } from '../../../../bundle/redaction/rules.ts';
import { patternsOf, trigger } from '../../../../bundle/redaction/trigger.ts';
import { byteSet } from '../../../../bundle/scanner/byte-pattern.ts';
import { hasRule, maxRules, type RuleBits } from '../../../../bundle/scanner/rule-bits.ts';
import { createScanner, eventCells } from '../../../../bundle/scanner/scanner.ts';
import { count } from '../../../long.ts';

const patterns = patternsOf(rulesOf('standard'));
const scanner = createScanner(patterns, []);

/** Where patterns end, found by trying each at each place. */
function tried(bytes: Buffer): string[] {
  const found = new Set<string>();
  for (const { steps, triggers, rule } of patterns) {
    for (let at = 0; at + steps.length <= bytes.length; at++) {
      if (steps.every((set, step) => set.has(bytes[at + step] as number))) {
        found.add(`${at + steps.length - 1} ${triggers} ${rule}`);
      }
    }
  }
  return [...found].sort();
}

/** The same out of what the scanner says, which joins what ends at one place. */
function scanned(bytes: Buffer): string[] {
  const at = new Map<number, { triggers: number; rules: RuleBits | undefined }>();
  const events = scanner.scan(bytes, 0, bytes.length);
  for (let event = 0; event < events.length; event += eventCells) {
    const { triggers, rules } = scanner.found(events[event + 1] as number);
    at.set(events[event] as number, { triggers, rules });
  }
  const found: string[] = [];
  for (const [place, { triggers, rules }] of at) {
    for (const bit of Object.values(trigger)) if (triggers & bit) found.push(`${place} ${bit} -1`);
    for (let rule = 0; rule < maxRules; rule++) if (rules && hasRule(rules, rule)) found.push(`${place} 0 ${rule}`);
  }
  return found.sort();
}

const part = fc.oneof(
  fc.string({ unit: fc.constantFrom(...'0123456789af.:-'), maxLength: 14 }),
  fc.constantFrom(
    ...['11:00:00', '2026-11-28', '10.1.2.3', '0011.22aa.4455', '00-11-22-aa-bb-cc', '00:11:22:aa:bb:cc'],
    ...['fe80::1', '2001:db8:0:1:1:1:1:1', '-123456-123456-123456', '::', ' ', 'x', '[', '.5', '1.', '-', '"'],
  ),
);

test('looks past nothing among numbers, times, dates and addresses, wherever they begin', () => {
  fc.assert(
    fc.property(fc.array(part, { maxLength: 8 }), (parts) => {
      const bytes = Buffer.from(parts.join(''));
      expect(scanned(bytes)).toEqual(tried(bytes));
    }),
    // A look that opens for a hardware address, amid the digits of a recovery key.
    { numRuns: count(500, 20_000), examples: [[['x', '-', '000000', '-123456-123456-123456']]] },
  );
});

test('says in which line each place is', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(part, fc.constantFrom('\n', '\n\n', 'x'.repeat(40)))),
      fc.nat(60),
      (parts, skipped) => {
        const bytes = Buffer.from(parts.join(''));
        const from = Math.min(skipped, bytes.length);
        const events = scanner.scan(bytes, from, bytes.length);
        for (let event = 0; event < events.length; event += eventCells) {
          const [at = 0, , start, stop] = events.subarray(event, event + eventCells);
          expect(start).toBe(at === 0 ? from : Math.max(from, bytes.lastIndexOf(10, at - 1) + 1));
          expect(stop).toBe(bytes.indexOf(10, at) === -1 ? bytes.length : bytes.indexOf(10, at) + 1);
        }
      },
    ),
    { numRuns: count(500, 20_000) },
  );
});

test('tells the hints of as many rules as there are bits for, each from all others', () => {
  const hint = (rule: number): string => `<${String(rule).padStart(2, '0')}>`;
  const steps = (rule: number) => [...hint(rule)].map((character) => byteSet(character));
  const all = Array.from({ length: maxRules }, (_, rule) => rule);
  const many = createScanner(
    all.map((rule) => ({ steps: steps(rule), triggers: 0, rule, gateFrom: 0 })),
    [],
  );
  for (const rule of all) {
    const text = Buffer.from(`before ${hint(rule)} behind`);
    const events = [...many.scan(text, 0, text.length)];
    expect(events.length).toBe(eventCells);
    const { rules } = many.found(events[1] as number);
    expect(all.filter((other) => rules && hasRule(rules, other))).toEqual([rule]);
  }
  expect(() => createScanner([{ steps: steps(0), triggers: 0, rule: maxRules, gateFrom: 0 }], [])).toThrow(/BUG/);
});
