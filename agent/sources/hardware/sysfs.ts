import { readdirSync, readFileSync } from 'node:fs';

/** One value of sysfs, trimmed; undefined when it is not there or the driver cannot tell right now (EIO, ENODATA). */
export function readValue(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return undefined;
  }
}

/** Like `readValue`, as a number. */
export function readNumber(path: string): number | undefined {
  const text = readValue(path);
  if (text === undefined || text === '') return undefined;
  const value = Number(text);
  return Number.isFinite(value) ? value : undefined;
}

/** Names in a folder, in order; none when it is not there. */
export function listNames(path: string): string[] {
  try {
    return readdirSync(path).sort();
  } catch {
    return [];
  }
}
