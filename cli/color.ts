import type { WriteStream } from 'node:tty';
import { noColorAsked } from '../config/environment.ts';

const codes = { red: 31, yellow: 33, green: 32, cyan: 36, magenta: 35, gray: 90 } as const;
export type Color = keyof typeof codes;

/** Colours are for people at a terminal who did not refuse them (https://no-color.org). */
export function wantsColor(stream: Pick<WriteStream, 'isTTY'>): boolean {
  return Boolean(stream.isTTY) && !noColorAsked();
}

export function paint(text: string, color: Color): string {
  return `\u001b[${codes[color]}m${text}\u001b[0m`;
}

/** Colour of a severity; the word beside it says the same. */
export const severityColors: Partial<Record<string, Color>> = {
  fatal: 'magenta',
  error: 'red',
  critical: 'red',
  warn: 'yellow',
  warning: 'yellow',
  debug: 'gray',
  trace: 'gray',
};
