import { SextantError } from '../../errors/sextant-error.ts';

/** What an event says of a failure: what happened and, where that is known, what to do. Nobody sees a terminal's two lines there. */
export function failureText(error: unknown): string {
  if (error instanceof SextantError) return `${error.message}\nWhat to do: ${error.nextStep}. (${error.code})`;
  return error instanceof Error ? error.message : String(error);
}
