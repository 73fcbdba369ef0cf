import { CommanderError } from 'commander';
import { expect, test } from 'vitest';
import { reportFailure } from '../../../cli/exit.ts';
import { SextantError } from '../../../errors/sextant-error.ts';

function report(error: unknown, debug = false): { code: number; text: string } {
  let text = '';
  const code = reportFailure(error, {
    debug,
    write: (part) => {
      text += part;
    },
  });
  return { code, text };
}

test('prints code, message and next step, and ends as the registry says', () => {
  expect(report(new SextantError('SX_PORT_TAKEN', 'port 1 is taken'))).toEqual({
    code: 2,
    text: 'SX_PORT_TAKEN: port 1 is taken\n  → free the port or choose another with --port\n',
  });
});

test('adds nothing to what commander has said; a wrong call ends with 2, help with 0', () => {
  expect(report(new CommanderError(1, 'commander.unknownOption', 'unknown option'))).toEqual({ code: 2, text: '' });
  expect(report(new CommanderError(0, 'commander.helpDisplayed', '(outputHelp)'))).toEqual({ code: 0, text: '' });
});

test('shows the stack of what nobody foresaw only when asked', () => {
  const error = new Error('BUG: odd', { cause: new Error('deeper') });
  expect(report(error)).toEqual({
    code: 1,
    text: 'sextant: BUG: odd\n  → run it again with --debug for the details\n',
  });
  expect(report(error, true).text).toMatch(/BUG: odd[\s\S]*caused by Error: deeper/);
});

test('a failure that tells what somebody else said cannot drive the terminal', () => {
  const hostile = 'node said \u001b]0;owned\u0007\nnext line';
  expect(report(new SextantError('SX_BUNDLE_FAILED', hostile)).text).toMatch(
    /^SX_BUNDLE_FAILED: node said \\x1b\]0;owned\\x07\nnext line\n/,
  );
  expect(report(new Error(hostile), true).text).not.toMatch(/[\u001b\u0007]/);
});
