/** How long ago that was, in the largest unit that leaves two digits or more of meaning: `12 s`, `4 min`, `3 h`, `5 d`. */
export function formatAgo(time: string | null, nowMs: number): string {
  if (time === null) return 'never';
  const seconds = Math.max(0, Math.round((nowMs - Date.parse(time)) / 1000));
  if (seconds < 120) return `${seconds} s ago`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min ago`;
  if (seconds < 172_800) return `${Math.round(seconds / 3600)} h ago`;
  return `${Math.round(seconds / 86_400)} d ago`;
}

/** RFC 3339 in UTC with milliseconds: sorts as text, and means the same on every machine. */
export function formatTime(time: string): string {
  return /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3,9}Z$/.test(time) ? `${time.slice(0, 23)}Z` : time;
}
