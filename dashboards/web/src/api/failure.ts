/** A refused or failed request, with what the reader can do about it. */
export class ApiFailure extends Error {
  readonly code: string;
  readonly nextStep: string;
  /** HTTP status; 0 when there was no answer. */
  readonly status: number;

  constructor(code: string, message: string, nextStep: string, status: number) {
    super(message);
    this.name = 'ApiFailure';
    this.code = code;
    this.nextStep = nextStep;
    this.status = status;
  }
}

export function failureFrom(error: unknown): ApiFailure {
  if (error instanceof ApiFailure) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new ApiFailure('SX_DASHBOARD', message, 'reload the page; if it stays, this is a fault of the dashboard', 0);
}
