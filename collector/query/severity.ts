import { type Severity, severities } from '../api/shapes/logs.ts';

/** OpenTelemetry severity numbers: four to a name, 0 is unset. */
const firstNumber: Record<Severity, number> = { unset: 0, trace: 1, debug: 5, info: 9, warn: 13, error: 17, fatal: 21 };

const synonyms: Record<string, Severity> = {
  warning: 'warn',
  err: 'error',
  critical: 'fatal',
  information: 'info',
};

/** The severity that a person meant by this text; undefined when it is none. */
export function readSeverity(text: string): Severity | undefined {
  const lower = text.toLowerCase();
  return severities.find((severity) => severity === lower) ?? synonyms[lower];
}

/** Lowest and highest severity number of a name, both included. */
export function severityNumbers(severity: Severity): { from: number; to: number } {
  const from = firstNumber[severity];
  return { from, to: severity === 'unset' ? 0 : from + 3 };
}
