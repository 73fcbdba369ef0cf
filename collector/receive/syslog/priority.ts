/** Names of the facilities 0–23 (RFC 5424, table 1), as syslog daemons write them. */
const facilityNames = [
  ...['kern', 'user', 'mail', 'daemon', 'auth', 'syslog', 'lpr', 'news', 'uucp', 'cron', 'authpriv', 'ftp'],
  ...['ntp', 'audit', 'alert', 'clock'],
  ...['local0', 'local1', 'local2', 'local3', 'local4', 'local5', 'local6', 'local7'],
] as const;

export const facilityOf = (priority: number): number => priority >> 3;
export const facilityName = (facility: number): string => facilityNames[facility] ?? String(facility);

/** Reads `<PRI>` at the front: 0–191. `end` is where the rest begins. */
export function readPriority(text: string): { priority: number; end: number } | undefined {
  const match = /^<(\d{1,3})>/.exec(text);
  if (!match) return undefined;
  const priority = Number(match[1]);
  return priority > 191 ? undefined : { priority, end: match[0].length };
}
