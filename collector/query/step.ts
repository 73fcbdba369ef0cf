/** Steps that people read easily, in milliseconds: 1 s to a day. */
const roundSteps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400].map(
  (seconds) => seconds * 1000,
);

/** The smallest round step that cuts a range into at most `parts` parts, give or take the two at its ends. */
export function roundStepMs(rangeMs: number, parts: number): number {
  const exact = rangeMs / parts;
  return roundSteps.find((step) => step >= exact) ?? Math.ceil(exact / 86_400_000) * 86_400_000;
}

/** Beginnings of all steps that a range touches, as multiples of the step since the Unix epoch. */
export function stepStarts(sinceMs: number, untilMs: number, stepMs: number): number[] {
  const first = Math.floor(sinceMs / stepMs) * stepMs;
  const count = Math.max(1, Math.ceil((untilMs - first) / stepMs));
  return Array.from({ length: count }, (_, index) => first + index * stepMs);
}
