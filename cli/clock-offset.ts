/** How far a node's clock is from the collector's, in words: `1.5 ms ahead of`, `60 min behind`. */
export function formatClockOffset(offsetMs: number, boundMs: number | null): string {
  const bound = boundMs === null ? '' : `, ± ${span(boundMs)}`;
  return `${span(Math.abs(offsetMs))} ${offsetMs < 0 ? 'behind' : 'ahead of'} the collector${bound}`;
}

function span(ms: number): string {
  if (ms < 1000) return `${ms.toFixed(1)} ms`;
  const seconds = ms / 1000;
  if (seconds < 120) return `${seconds.toFixed(1)} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86_400)} d`;
}
