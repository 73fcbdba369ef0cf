const stepsSeconds = [10, 20, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21_600, 43_200, 86_400];

/** Points of a chart, at most: more than its pixels would only be work for the collector. */
const mostPoints = 240;

/** Width of one point of a chart, in milliseconds. 10 s is the agents' own interval; finer shows gaps. */
export function chartStepMs(spanMs: number): number {
  const least = spanMs / mostPoints / 1000;
  const step = stepsSeconds.find((seconds) => seconds >= least) ?? 86_400;
  return step * 1000;
}
