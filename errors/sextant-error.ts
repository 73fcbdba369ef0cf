import { type ErrorCode, errorRegistry } from './registry.ts';

/**
 * A failure that a person can act on: a stable code, what happened, what to do next.
 *
 * Bad input and bad surroundings become a SextantError; a broken invariant throws a plain `Error('BUG: …')` instead.
 */
export class SextantError extends Error {
  readonly code: ErrorCode;
  readonly nextStep: string;
  /** HTTP status this failure is answered with. */
  readonly status: number;
  /** Process exit code: 1 failed, 2 the call or its configuration is wrong, 3 partly done. */
  readonly exitCode: 1 | 2 | 3;

  constructor(code: ErrorCode, what: string, options: { cause?: unknown; nextStep?: string } = {}) {
    super(what, options.cause === undefined ? {} : { cause: options.cause });
    const entry = errorRegistry[code];
    this.name = 'SextantError';
    this.code = code;
    this.nextStep = options.nextStep ?? entry.next;
    this.status = entry.status;
    this.exitCode = entry.exit;
  }

  /** One line for a terminal or a log: `CODE: what; next step`. */
  line(): string {
    return `${this.code}: ${this.message}; ${this.nextStep}`;
  }
}
