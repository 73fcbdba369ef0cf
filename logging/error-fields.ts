import { SextantError } from '../errors/sextant-error.ts';

const longestMessage = 2000;
const shownFrames = 8;
const deepestCause = 10;

/** An error as a log line shows it. */
export interface ErrorFields {
  type: string;
  code?: string | number;
  /** What it says, then what its causes say, each once. */
  message: string;
  nextStep?: string;
  /** Where it was thrown, the innermost calls; causes were mostly thrown on the same way. */
  stack?: string[];
}

/**
 * What a person needs of an error, in one line that can be read: drivers wrap an error twice and repeat its text and its
 * stack each time, which made 9 kB of one line.
 */
export function errorFields(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { code } = error as NodeJS.ErrnoException;
  const frames = (error.stack ?? '').split('\n').filter((line) => line.startsWith('    at '));
  return {
    type: error.constructor.name,
    ...((typeof code === 'string' || typeof code === 'number') && { code }),
    message: messagesOf(error).join(': ').slice(0, longestMessage),
    ...(error instanceof SextantError && { nextStep: error.nextStep }),
    ...(frames.length > 0 && { stack: frames.slice(0, shownFrames).map((line) => line.slice('    at '.length)) }),
  } satisfies ErrorFields;
}

function messagesOf(error: Error): string[] {
  let kept: string[] = [];
  let next: unknown = error;
  for (let depth = 0; next instanceof Error && depth < deepestCause; depth += 1, next = next.cause) {
    const message = next.message.trim();
    if (kept.some((text) => text.includes(message))) continue;
    kept = [...kept.filter((text) => !message.includes(text)), message];
  }
  return kept;
}
