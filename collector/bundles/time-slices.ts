const minuteMs = 60_000;

export interface TimeSlice {
  fromMs: number;
  untilMs: number;
  count: number;
}

/**
 * Ranges of whole minutes that hold at most about `perSlice` of something each, cut to the window. The embedded engine
 * hands an answer over in one piece, so what is read at once has to be bounded; a single full minute may hold more.
 */
export function timeSlices(
  minutes: { minuteMs: number; count: number }[],
  perSlice: number,
  window: { fromMs: number; untilMs: number },
): TimeSlice[] {
  const slices: TimeSlice[] = [];
  for (const minute of minutes) {
    const last = slices.at(-1);
    if (last && last.count + minute.count <= perSlice) {
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
