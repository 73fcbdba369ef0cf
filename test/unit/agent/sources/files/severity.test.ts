import { SeverityNumber } from '@opentelemetry/api-logs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { guessSeverity as guess } from '../../../../../agent/sources/files/severity.ts';

function guessSeverity(line: string) {
  const bytes = Buffer.from(`x${line}y`);
  return guess(bytes, 1, bytes.length - 1);
}

test.each([
  ['2026-01-02 03:04:05 ERROR cannot open', SeverityNumber.ERROR, 'ERROR'],
  ['time=x level=warning msg="slow"', SeverityNumber.WARN, 'warning'],
  ['{"level":"error","msg":"x"}', SeverityNumber.ERROR, 'error'],
  ['2026/01/02 03:04:05 [crit] 7#7: *1 open()', SeverityNumber.ERROR3, 'crit'],
  ['Jan  2 03:00:00 host app[7]: warning: low space', SeverityNumber.WARN, 'warning'],
  ['INFO: started', SeverityNumber.INFO, 'INFO'],
  ['[notice] ready', SeverityNumber.INFO2, 'notice'],
  ['PANIC at the disk', SeverityNumber.FATAL3, 'PANIC'],
] as const)('%s', (line, number, text) => {
  expect(guessSeverity(line)).toEqual({ number, text });
});

test.each([
  'completed without error',
  'the debugger was warned',
  'INFORMATION',
  'errors=0',
  'x'.repeat(200).concat(' ERROR '),
])('takes no level from %j', (line) => {
  expect(guessSeverity(line)).toBeUndefined();
});

/** What a level is, as one expression: slow, and plain to read. */
const level =
  /\b(?:(TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERR|ERROR|CRIT|CRITICAL|ALERT|EMERG|FATAL|PANIC)\b|(?:level|lvl|severity|loglevel)"?[=:] ?"?([a-zA-Z]+))|[[<(](trace|debug|info|notice|warn|warning|err|error|crit|critical|alert|emerg|fatal|panic)[\])>]|(?:^|[ \]])(debug|info|notice|warning|error|critical|fatal|Warning|Error|Fatal): /;

test('finds what the expression finds', () => {
  const piece = fc.constantFrom(
    ...['INFO', 'ERROR', 'Error', 'error', 'warn', 'level', 'lvl', 'information', 'critical', 'x', '_', '9', 'é'],
    ...[' ', ': ', ':', '=', '"', '[', ']', '<', '>', '(', ')', '='],
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const line = pieces.join('');
      const found = level.exec(line);
      const text = found && (found[1] ?? found[2] ?? found[3] ?? found[4]);
      const guessed = guessSeverity(line);
      // A time before it is passed over, and takes part in a word that touches it.
      const timed = Buffer.from(`2026-01-02T03:04:05Z${line}`);
      expect(guess(timed, 0, timed.length, 20)).toEqual(guess(timed, 0, timed.length));
      // A level of its own making, as in `level=x`, is none.
      if (guessed) expect(guessed.text).toBe(text);
      else if (text) expect(found[2]).toBe(text);
    }),
    { numRuns: 3000 },
  );
});
