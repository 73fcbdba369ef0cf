import { type BundlePreset, bundlePresets } from '../bundle/preset.ts';
import { parseRange, parseTime } from '../collector/query/time-value.ts';

/** The window of a bundle that is made in this process. Throws SX_BAD_REQUEST. */
export function parseWindow(
  { since = '15m', until, preset }: { since?: string; until?: string; preset?: BundlePreset },
  nowMs: number,
): { fromUnixMs: number; untilUnixMs: number } {
  if (preset !== undefined) {
    const untilUnixMs = Math.min(nowMs, Number(parseTime(until ?? 'now', nowMs, 'until') / 1_000_000n));
    return { fromUnixMs: untilUnixMs - bundlePresets[preset], untilUnixMs };
  }
  const { sinceUnixNano, untilUnixNano } = parseRange(since, until, nowMs);
  return {
    fromUnixMs: Number(sinceUnixNano / 1_000_000n),
    untilUnixMs: Math.min(nowMs, Number(untilUnixNano / 1_000_000n)),
  };
}
