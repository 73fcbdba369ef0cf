import { civilOf, type Zone } from './civil.ts';

const two = (value: number): string => String(value).padStart(2, '0');

/** `2026-11-20` */
export function formatDate(unixMs: number, zone: Zone): string {
  const civil = civilOf(unixMs, zone);
  return `${civil.year}-${two(civil.month)}-${two(civil.day)}`;
}

/** `14:05:09` */
export function formatClock(unixMs: number, zone: Zone): string {
  const civil = civilOf(unixMs, zone);
  return `${two(civil.hour)}:${two(civil.minute)}:${two(civil.second)}`;
}

/** `14:05:09.123`, for rows whose order within a second matters. */
export const formatClockMs = (unixMs: number, zone: Zone): string =>
  `${formatClock(unixMs, zone)}.${String(Math.floor(unixMs) % 1000).padStart(3, '0')}`;

/** `2026-11-20 14:05:09` */
export const formatDateTime = (unixMs: number, zone: Zone): string =>
  `${formatDate(unixMs, zone)} ${formatClock(unixMs, zone)}`;

/** `UTC`, or the browser's zone as an offset: `UTC+02:00`. */
export function zoneLabel(zone: Zone, unixMs: number): string {
  if (zone === 'utc') return 'UTC';
  const offsetMinutes = -new Date(unixMs).getTimezoneOffset();
  const size = Math.abs(offsetMinutes);
  return `UTC${offsetMinutes < 0 ? '−' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}
