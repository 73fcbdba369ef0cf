/** Prometheus' own kinds of errors, with the HTTP status that its API gives each. */
const statuses = {
  bad_data: 400,
  not_found: 404,
  execution: 422,
  canceled: 503,
  timeout: 503,
  unavailable: 503,
  internal: 500,
} as const;

export type FailureKind = keyof typeof statuses;

/** A query that gets no answer, and why, in Prometheus' words where it has some. */
export class PrometheusFailure extends Error {
  readonly kind: FailureKind;
  readonly status: number;

  constructor(kind: FailureKind, message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.name = 'PrometheusFailure';
    this.kind = kind;
    this.status = statuses[kind];
  }
}

export const badData = (message: string) => new PrometheusFailure('bad_data', message);
export const executionFailure = (message: string) => new PrometheusFailure('execution', message);
