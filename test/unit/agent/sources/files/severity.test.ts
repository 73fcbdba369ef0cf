import { SeverityNumber } from '@opentelemetry/api-logs';
import { expect, test } from 'vitest';
import { guessSeverity } from '../../../../../agent/sources/files/severity.ts';

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
