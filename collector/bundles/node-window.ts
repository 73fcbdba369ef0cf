/** A clock that is off by more is not believed: the window would be of any length. */
const maxOffsetMs = 24 * 3_600_000;

export interface Window {
  fromUnixMs: number;
  untilUnixMs: number;
}

/**
 * The window as a node is asked for it. Its files and logs carry the times of its own clock, so the window is made longer
 * by the clock's offset (positive when the node is ahead): what happened within it is in it by either clock.
 */
export function nodeWindow({ fromUnixMs, untilUnixMs }: Window, clockOffsetMs: number | null | undefined): Window {
  const offsetMs = Math.round(clockOffsetMs ?? 0);
  const believed = Math.min(maxOffsetMs, Math.max(-maxOffsetMs, Number.isFinite(offsetMs) ? offsetMs : 0));
  return { fromUnixMs: fromUnixMs + Math.min(0, believed), untilUnixMs: untilUnixMs + Math.max(0, believed) };
}
