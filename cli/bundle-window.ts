import { parseRange } from '../collector/query/time-value.ts';

/** The window of a bundle that is made in this process. Throws SX_BAD_REQUEST. */
export function parseWindow(
  { since, until }: { since: string; until?: string },
  nowMs: number,
): { fromUnixMs: number; untilUnixMs: number } {
  const { sinceUnixNano, untilUnixNano } = parseRange(since, until, nowMs);
  return {
    fromUnixMs: Number(sinceUnixNano / 1_000_000n),
    untilUnixMs: Math.min(nowMs, Number(untilUnixNano / 1_000_000n)),
  };
}
