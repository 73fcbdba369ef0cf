/** A log record as bundles hold it (`logs/…/*.ndjson`), and where it is from. */
export interface EvidenceRecord {
  unixMs: number;
  node: string;
  /** Channel, unit or file that it was written to. */
  channel: string;
  body: string;
  attributes: Readonly<Record<string, string>>;
}

/** A sample as bundles hold it (`metrics/*.ndjson`). */
export interface EvidenceSample {
  unixMs: number;
  node: string;
  name: string;
  kind: string;
  value: number;
  attributes: Readonly<Record<string, string>>;
}

const isText = (value: unknown): value is string => typeof value === 'string';

/** Only texts: a bundle may hold anything. */
function textAttributes(value: unknown): Record<string, string> {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return {};
  const attributes: Record<string, string> = {};
  for (const [name, one] of Object.entries(value)) if (isText(one)) attributes[name] = one;
  return attributes;
}

const channelNames = [
  'windows.eventlog.channel',
  'systemd.unit',
  'syslog.identifier',
  'log.file.path',
  'otel.scope.name',
];

/** Reads a line of `logs/…/*.ndjson`; undefined when it is none. */
export function parseRecord(line: string): EvidenceRecord | undefined {
  const value = parseObject(line);
  if (!value || !isText(value.timestamp) || !isText(value.node) || !isText(value.body)) return undefined;
  const unixMs = Date.parse(value.timestamp);
  if (Number.isNaN(unixMs)) return undefined;
  const attributes = textAttributes(value.attributes);
  const channel = channelNames.map((name) => attributes[name]).find((name) => name !== undefined) ?? '';
  return { unixMs, node: value.node, channel, body: value.body, attributes };
}

/** Reads a line of `metrics/*.ndjson`; undefined when it is none. */
export function parseSample(line: string): EvidenceSample | undefined {
  const value = parseObject(line);
  if (!value || !isText(value.timestamp) || !isText(value.node) || !isText(value.name)) return undefined;
  if (typeof value.value !== 'number') return undefined;
  const unixMs = Date.parse(value.timestamp);
  if (Number.isNaN(unixMs)) return undefined;
  const kind = isText(value.kind) ? value.kind : 'gauge';
  const { node, name } = value;
  return { unixMs, node, name, kind, value: value.value, attributes: textAttributes(value.attributes) };
}

/** The metric's name without reading the whole line: most samples are of metrics that nobody asks for. */
export const sampleName = (line: string): string | undefined =>
  /"name":"([^"\\]{1,200})"/.exec(line.slice(0, 600))?.[1];

function parseObject(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return value !== null && typeof value === 'object' ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
