/** Bytes as a person reads them, binary units. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let unit = 0;
  let value = bytes;
  while (Math.abs(value) >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : Number(value.toFixed(1))} ${units[unit]}`;
}

/** `2026-11-20 10:11:12`, UTC; the text itself when it is no time. */
export function formatTime(rfc3339: string | null): string {
  if (rfc3339 === null) return '–';
  const ms = Date.parse(rfc3339);
  return Number.isNaN(ms) ? rfc3339 : new Date(ms).toISOString().slice(0, 19).replace('T', ' ');
}

/** Clock time for an axis: with the day when the axis spans more than one. */
export function formatClock(unixMs: number, spanMs: number): string {
  const iso = new Date(unixMs).toISOString();
  return spanMs > 36 * 3_600_000
    ? `${iso.slice(5, 10)} ${iso.slice(11, 16)}`
    : iso.slice(11, spanMs < 600_000 ? 19 : 16);
}

/** `2 h 5 min`, `45 s`: the two largest units. */
export function formatDuration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  const parts: [number, string][] = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [seconds % 60, 's'],
  ];
  const first = parts.findIndex(([amount]) => amount > 0);
  if (first === -1) return `${Math.round(ms)} ms`;
  return parts
    .slice(first, first + 2)
    .filter(([amount]) => amount > 0)
    .map(([amount, unit]) => `${amount} ${unit}`)
    .join(' ');
}
