import { CommanderError } from 'commander';
import { SextantError } from '../errors/sextant-error.ts';
import { printable } from './printable.ts';

/**
 * Tells a person why a command ended, and with which exit code: 0 done, 1 failed, 2 the call or its configuration is
 * wrong, 3 partly done. Only what nobody foresaw comes with a stack, and only when asked for.
 */
export function reportFailure(error: unknown, options: { debug: boolean; write(text: string): void }): number {
  // Commander has written its own message by now; its codes tell help and version from a wrong call.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof SextantError) {
    options.write(`${error.code}: ${printableLines(error.message)}\n  → ${printableLines(error.nextStep)}\n`);
    if (options.debug) options.write(`${printableLines(stack(error))}\n`);
    return error.exitCode;
  }
  const message = error instanceof Error ? error.message : String(error);
  options.write(`sextant: ${printableLines(message)}\n`);
  options.write(
    options.debug ? `${printableLines(stack(error))}\n` : '  → run it again with --debug for the details\n',
  );
  return 1;
}

/** What a node, a bundle or another collector said may be part of a message. */
const printableLines = (text: string): string => text.split('\n').map(printable).join('\n');

function stack(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? `${error.stack}` : `${error.stack}\ncaused by ${stack(error.cause)}`;
}
