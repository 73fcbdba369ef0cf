import { badData } from './failure.ts';
import { readDurationMs } from './parse/literals.ts';

const latestMs = 9_223_372_036_000;
const rfc3339 = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:[Zz]|[+-]\d{2}:\d{2})$/;

/** Milliseconds of a time as Prometheus takes it: seconds since the Unix epoch, or RFC 3339. Throws a failure `bad_data`. */
export function readTimeMs(text: string, name: string): number {
  let ms = Number.NaN;
  if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) ms = Math.round(Number(text) * 1000);
  else if (rfc3339.test(text)) ms = Date.parse(text.toUpperCase());
  if (ms >= 0 && ms <= latestMs) return ms;
  throw badData(`invalid parameter ${JSON.stringify(name)}: cannot parse ${JSON.stringify(text)} to a valid timestamp`);
}

/** Milliseconds of a duration: seconds, or as `1m30s`. Throws a failure `bad_data`. */
export function readStepMs(text: string, name: string): number {
  const ms = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)
    ? Math.round(Number(text) * 1000)
    : readDurationMs(text);
  if (ms !== undefined && Math.abs(ms) <= latestMs) return ms;
  throw badData(`invalid parameter ${JSON.stringify(name)}: cannot parse ${JSON.stringify(text)} to a valid duration`);
}
