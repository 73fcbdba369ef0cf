import { checkWindow } from '../bundle/check-window.ts';
import { type BundlePreset, bundlePresets } from '../bundle/preset.ts';
import { parseTime } from '../collector/query/time-value.ts';

/** The window of a bundle that is made in this process. Throws SX_BAD_REQUEST. */
export function parseWindow(
  { since = '15m', until, preset }: { since?: string; until?: string; preset?: BundlePreset },
  nowMs: number,
): { fromUnixMs: number; untilUnixMs: number } {
  const read = (text: string, field: string): number => Number(parseTime(text, nowMs, field) / 1_000_000n);
  const untilUnixMs = read(until ?? 'now', 'until');
  const fromUnixMs = preset === undefined ? read(since, 'since') : Math.min(nowMs, untilUnixMs) - bundlePresets[preset];
  checkWindow({ fromUnixMs, untilUnixMs }, nowMs);
  return { fromUnixMs, untilUnixMs: Math.min(nowMs, untilUnixMs) };
}
