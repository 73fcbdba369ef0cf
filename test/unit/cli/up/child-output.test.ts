import { expect, test } from 'vitest';
import { createLineCutter, lineForTerminal } from '../../../../cli/up/child-output.ts';

test('keeps the everyday log of a child off the terminal', () => {
  expect(lineForTerminal('collector', '{"level":30,"msg":"listening"}')).toBeUndefined();
  expect(lineForTerminal('collector', '')).toBeUndefined();
});

test('shows a warning with its cause, once', () => {
  expect(lineForTerminal('agent', '{"level":40,"msg":"cannot send","err":{"message":"connection refused"}}')).toBe(
    'agent: cannot send: connection refused',
  );
  expect(lineForTerminal('agent', '{"level":50,"msg":"disk full","err":{"message":"disk full"}}')).toBe(
    'agent: disk full',
  );
  expect(lineForTerminal('agent', '{"level":40,"msg":"cannot deliver","reason":"SX_DISK_FULL: ingest paused"}')).toBe(
    'agent: cannot deliver: SX_DISK_FULL: ingest paused',
  );
});

test('shows what is no log as it is', () => {
  expect(lineForTerminal('agent', 'SX_CONFIG_INVALID: line 3')).toBe('SX_CONFIG_INVALID: line 3');
  expect(lineForTerminal('agent', '{ not json')).toBe('{ not json');
});

test('cuts lines wherever the stream was cut', () => {
  const lines: string[] = [];
  const cutter = createLineCutter((line) => lines.push(line));
  for (const text of ['on', 'e\ntwo\nth', 'ree']) cutter.push(text);
  expect(lines).toEqual(['one', 'two']);
  cutter.end();
  expect(lines).toEqual(['one', 'two', 'three']);
});
