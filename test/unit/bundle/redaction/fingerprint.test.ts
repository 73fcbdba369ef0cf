import { expect, test } from 'vitest';
import { createFingerprints } from '../../../../bundle/redaction/fingerprint.ts';
import { collectGarbage } from '../../../collect-garbage.ts';

test('what is remembered of a secret does not hold the line that it stood in', () => {
  const mark = createFingerprints(Buffer.alloc(32, 1));
  const line = Buffer.alloc(2 ** 20, 'x');
  const marks = new Set<string>();
  const heldBytes = (): number => {
    collectGarbage();
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  };
  const before = heldBytes();
  for (let n = 0; n < 100; n++) {
    line.write(`password=secret-number-${String(n).padStart(4, '0')}`, line.length - 40);
    const secret = /password=(?<secret>[\w-]{18})/.exec(line.toString('latin1'))?.groups?.secret;
    marks.add(mark('password', secret as string));
  }
  const after = heldBytes();
  expect(marks.size).toBe(100);
  // A hundred lines are 100 MiB.
  expect(after - before).toBeLessThan(30e6);
  expect(mark('password', 'secret-number-0007')).toBe([...marks][7]);
});
