const binary = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
const decimal = ['', 'k', 'M', 'G', 'T', 'P'];

/** Three significant digits, as many as an eye compares; thin space between thousands is left to full numbers. */
function shorten(value: number): string {
  const size = Math.abs(value);
  if (size >= 100 || Number.isInteger(value)) return value.toFixed(0);
  if (size >= 10) return value.toFixed(1).replace(/\.0$/, '');
  if (size >= 1) return value.toFixed(2).replace(/\.?0+$/, '');
  return size === 0 ? '0' : value.toPrecision(2);
}

function scale(value: number, base: number, prefixes: readonly string[]): string {
  let power = 0;
  let rest = value;
  while (Math.abs(rest) >= base && power < prefixes.length - 1) {
    rest /= base;
    power += 1;
  }
  const prefix = prefixes[power] ?? '';
  return prefix === '' ? shorten(rest) : `${shorten(rest)} ${prefix}`;
}

export const formatBytes = (bytes: number): string => scale(bytes, 1024, binary);

/** `12 345 678` with narrow spaces: counts are read exactly. */
export const formatCount = (count: number): string =>
  String(Math.round(count)).replace(/\B(?=(\d{3})+(?!\d))/g, '\u202f');

function formatSeconds(seconds: number): string {
  const size = Math.abs(seconds);
  if (size === 0) return '0 s';
  if (size < 1e-3) return `${shorten(seconds * 1e6)} µs`;
  if (size < 1) return `${shorten(seconds * 1e3)} ms`;
  if (size < 600) return `${shorten(seconds)} s`;
  if (size < 86_400) return `${shorten(seconds / 3600)} h`;
  return `${shorten(seconds / 86_400)} d`;
}

/** Unit of a sum that is shown as a rate. */
export const rateUnit = (unit: string): string => (unit === 's' ? '1' : `${unit}/s`);

/**
 * Writes a value with its UCUM unit as OpenTelemetry names them: `By` in powers of 1024, `1` as a percentage (a ratio
 * everywhere in the conventions), `s` in the size that reads best, `{thing}` as a plain count.
 */
export function formatValue(value: number | null | undefined, unit: string): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return '–';
  const perSecond = unit.endsWith('/s');
  const base = perSecond ? unit.slice(0, -2) : unit;
  const suffix = perSecond ? '/s' : '';
  if (base === 'By') return `${formatBytes(value)}${suffix}`;
  if (base === '1' && !perSecond) return `${shorten(value * 100)} %`;
  if (base === 's' && !perSecond) return formatSeconds(value);
  if (base === 'ms' && !perSecond) return formatSeconds(value / 1000);
  if (base === 'days left' && value < 0) return 'expired';
  if (base === 'Cel') return `${shorten(value)} °C`;
  const named = /^\{(.+)\}$/.exec(base)?.[1];
  const number = scale(value, 1000, decimal);
  if (named !== undefined || base === '' || base === '1') return `${number}${suffix}`;
  return number.includes(' ') ? `${number}${base}${suffix}` : `${number} ${base}${suffix}`;
}
