const minuteMs = 60_000;

export interface TimeSlice {
  fromMs: number;
  untilMs: number;
  count: number;
}

/**
 * Ranges of whole minutes that hold at most about `perSlice` of something each, cut to the window. The embedded engine
 * hands an answer over in one piece, so what is read at once has to be bounded; a single full minute may hold more.
 * `isApart`: right before this minute there is one that holds something and is left out. A range over it would hold more.
 */
export function timeSlices(
  minutes: { minuteMs: number; count: number; isApart?: boolean }[],
  perSlice: number,
  window: { fromMs: number; untilMs: number },
): TimeSlice[] {
  const slices: TimeSlice[] = [];
  for (const minute of minutes) {
    const last = slices.at(-1);
    if (last && !minute.isApart && last.count + minute.count <= perSlice) {
      last.untilMs = minute.minuteMs + minuteMs;
      last.count += minute.count;
    } else slices.push({ fromMs: minute.minuteMs, untilMs: minute.minuteMs + minuteMs, count: minute.count });
  }
  return slices.map((slice) => ({
    ...slice,
    fromMs: Math.max(slice.fromMs, window.fromMs),
    untilMs: Math.min(slice.untilMs, window.untilMs),
  }));
}

/** The newest of these minutes, given oldest first, that hold so many; of the oldest that is kept there may be less. */
export function newestMinutes<Minute extends { count: number }>(minutes: readonly Minute[], most: number): Minute[] {
  const kept: Minute[] = [];
  let left = most;
  for (const minute of [...minutes].reverse()) {
    if (left <= 0) break;
    kept.push({ ...minute, count: Math.min(left, minute.count) });
    left -= minute.count;
  }
  return kept.reverse();
}
