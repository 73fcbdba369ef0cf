/**
 * Bounds a wait by what happens rather than by the clock alone: gives up when `figure` has stood still for `stillMs`
 * (to twice that), or after `atMostMs` in any case. A busy machine that still gets on is waited for; a full disk or a
 * peer that says nothing is not. Returns a function that ends the watch.
 */
export function whileItMoves(
  figure: () => number,
  { stillMs, atMostMs }: { stillMs: number; atMostMs: number },
  giveUp: () => void,
): () => void {
  const untilMs = performance.now() + atMostMs;
  let before = figure();
  const watch = setInterval(() => {
    const now = figure();
    if (now !== before && performance.now() < untilMs) {
      before = now;
      return;
    }
    clearInterval(watch);
    giveUp();
  }, stillMs);
  return () => clearInterval(watch);
}
