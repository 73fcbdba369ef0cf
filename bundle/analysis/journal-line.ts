import type { EvidenceRecord } from './evidence.ts';

/** Reads a line of `journalctl -o json`, as node volumes hold it; undefined when it is none. */
export function parseJournalLine(line: string, node: string): EvidenceRecord | undefined {
  let fields: Record<string, unknown>;
  try {
    fields = JSON.parse(line);
  } catch {
    return undefined;
  }
  const text = (name: string): string | undefined => {
    const value = fields[name];
    return typeof value === 'string' ? value : undefined;
  };
  const microseconds = text('_SOURCE_REALTIME_TIMESTAMP') ?? text('__REALTIME_TIMESTAMP');
  if (microseconds === undefined || !/^\d{1,18}$/.test(microseconds)) return undefined;
  const attributes: Record<string, string> = {};
  const put = (name: string, value: string | undefined): void => {
    if (value !== undefined && value !== '') attributes[name] = value;
  };
  put('systemd.unit', text('UNIT') ?? text('_SYSTEMD_UNIT'));
  put('syslog.identifier', text('SYSLOG_IDENTIFIER'));
  put('journald.transport', text('_TRANSPORT'));
  const channel = attributes['systemd.unit'] ?? attributes['syslog.identifier'] ?? 'journal';
  return { unixMs: Number(microseconds) / 1000, node, channel, body: text('MESSAGE') ?? '', attributes };
}
