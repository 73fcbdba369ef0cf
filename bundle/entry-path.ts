const reserved = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;

/** True for a name that Windows takes for a device, with whatever extension. */
export const isReservedName = (segment: string): boolean => reserved.test(segment);

/** One segment that every filesystem and archive tool takes: ASCII, at most 64 characters, not a device name. */
export function safeSegment(text: string): string {
  const ascii = text
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .replace(/[^A-Za-z0-9._-]+/g, '_')
    .replace(/^\.+/, '_')
    .replace(/[. ]+$/, '_');
  const named = isReservedName(ascii) ? `_${ascii}` : ascii;
  if (named.length <= 64) return named || '_';
  // The end of a long name (its extension, a rotation number) tells more than its middle.
  return `${named.slice(0, 40)}~${named.slice(-23)}`;
}

/**
 * Path inside a volume for any path from outside: relative, forward slashes, no `..`, at most 180 characters, so that
 * it unpacks below MAX_PATH on Windows. Distinct inputs may meet in one output; `uniqueEntryPath` keeps them apart.
 */
export function safeEntryPath(path: string): string {
  const segments = path
    .split(/[/\\]+/)
    .filter((segment) => segment !== '' && segment !== '.')
    .map((segment) => (segment === '..' ? '_' : safeSegment(segment.replace(/^([A-Za-z]):$/, '$1'))));
  while (segments.length > 1 && segments.join('/').length > 180) segments.splice(Math.floor(segments.length / 2), 1);
  return segments.join('/') || '_';
}

/**
 * The path, or one with `~2`, `~3` … where it is taken; compares without case, as Windows unpacks. No file is a folder of
 * another path. `taken` holds what was given out, in lower case: files, and folders with a slash at their end.
 */
export function uniqueEntryPath(path: string, taken: Set<string>): string {
  const names = path.split('/');
  const name = names.pop() ?? '';
  let folder = '';
  for (const segment of names) {
    folder = `${firstFree(`${folder}${segment}`, (candidate) => !taken.has(candidate))}/`;
    taken.add(folder.toLowerCase());
  }
  const unique = firstFree(`${folder}${name}`, (candidate) => !taken.has(candidate) && !taken.has(`${candidate}/`));
  taken.add(unique.toLowerCase());
  return unique;
}

function firstFree(path: string, isFree: (lowerCase: string) => boolean): string {
  let candidate = path;
  for (let n = 2; !isFree(candidate.toLowerCase()); n++) {
    const dot = path.lastIndexOf('.');
    candidate = dot > path.lastIndexOf('/') + 1 ? `${path.slice(0, dot)}~${n}${path.slice(dot)}` : `${path}~${n}`;
  }
  return candidate;
}
