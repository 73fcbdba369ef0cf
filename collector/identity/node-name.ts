/** `[a-z0-9.-]{1,63}`, beginning and ending with a letter or digit. */
export const nodeNamePattern = /^[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?$/;

/** What a machine calls itself, made fit for a certificate, a file name and a column: lower case, `[a-z0-9.-]`. */
export function sanitiseNodeName(asked: string): string {
  const name = asked
    .trim()
    .toLowerCase()
    .replace(/[^a-z0-9.-]+/g, '-')
    .slice(0, 63)
    .replace(/^[.-]+|[.-]+$/g, '');
  return name === '' ? 'node' : name;
}

/** The name itself when it is free, else with -2, -3 and so on; never longer than 63 characters. */
export function uniqueNodeName(name: string, taken: (candidate: string) => boolean): string {
  let candidate = name;
  for (let count = 2; taken(candidate); count += 1) {
    const suffix = `-${count}`;
    candidate = name.slice(0, 63 - suffix.length).replace(/[.-]+$/, '') + suffix;
  }
  return candidate;
}
