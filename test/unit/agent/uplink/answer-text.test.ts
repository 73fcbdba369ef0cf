import { expect, test } from 'vitest';
import { answerText } from '../../../../agent/uplink/answer-text.ts';
import { otlpStatus } from '../../../../collector/api/otlp-status.ts';

test('reads the message of a Status without its framing, however long it is', () => {
  for (const message of [
    '',
    'x',
    'SX_DISK_FULL: ingest paused, 191 MiB free; free space → or lower retention',
    'y'.repeat(200),
  ]) {
    expect(answerText(otlpStatus(message))).toBe(message);
  }
});

test('shows anything else as text that is short and cannot drive a terminal', () => {
  expect(answerText(Buffer.from('<h1>Bad gateway</h1>\n'))).toBe('<h1>Bad gateway</h1>');
  expect(answerText(Buffer.from([0x12, 0xff, 0xff, 0xff, 0xff, 0xff, 0x1b, 0x5b, 0x41]))).not.toContain('\u001b');
  expect(answerText(otlpStatus('z'.repeat(10_000)))).toHaveLength(300);
});
