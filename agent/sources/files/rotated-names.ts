import { basename, dirname, join } from 'node:path';

/**
 * Names that a rotated file may have had: `app.log.1`, `app.log-20261120`, `app.log.old` come from `app.log`, and
 * `app-20261120.log` (logrotate's `extension`) does too. Empty when the name does not look like a rotated one.
 */
export function namesBeforeRotation(name: string): { suffix: string | undefined; infix: string | undefined } {
  return {
    suffix: /^(.+?)[.-](?:\d[\d_.T:-]*|old|bak|prev)$/.exec(name)?.[1],
    infix: infixed(name),
  };
}

function infixed(name: string): string | undefined {
  const found = /^(.+?)[.-]\d[\d_.T-]*(\.[A-Za-z]+)$/.exec(name);
  return found ? `${found[1]}${found[2]}` : undefined;
}

export function looksRotated(path: string): boolean {
  const { suffix, infix } = namesBeforeRotation(basename(path));
  return suffix !== undefined || infix !== undefined;
}

/** Path under which a rotated file was followed, as far as its name tells. */
export function originalPath(path: string, isFollowed: (path: string) => boolean): string | undefined {
  const { suffix, infix } = namesBeforeRotation(basename(path));
  return [suffix, infix]
    .filter((name) => name !== undefined)
    .map((name) => join(dirname(path), name))
    .find(isFollowed);
}
