import { type Static, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { type Severity, severities } from '../api/shapes/logs.ts';

/** RFC 3339 in UTC; what a bundle's writer makes. */
const Time = Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(\\.\\d{1,9})?Z$' });
const Node = Type.String({ minLength: 1, maxLength: 255 });
const Attributes = Type.Record(Type.String(), Type.String());

const LogLine = Type.Object({
  timestamp: Time,
  node: Node,
  severity: Type.String({ maxLength: 16 }),
  body: Type.String(),
  attributes: Attributes,
  resource: Type.Optional(Attributes),
  eventName: Type.Optional(Type.String({ maxLength: 1024 })),
  traceId: Type.Optional(Type.String({ maxLength: 64 })),
  spanId: Type.Optional(Type.String({ maxLength: 64 })),
});
/** A line of `logs/…/*.ndjson`. */
export type BundleLogLine = Static<typeof LogLine>;

const SampleLine = Type.Object({
  timestamp: Time,
  node: Node,
  name: Type.String({ minLength: 1, maxLength: 255 }),
  kind: Type.Union([Type.Literal('gauge'), Type.Literal('sum'), Type.Literal('histogram')]),
  value: Type.Number(),
  unit: Type.String({ maxLength: 64 }),
  attributes: Attributes,
  /** Of a sum: whether it only grows. Older bundles do not say. */
  monotonic: Type.Optional(Type.Boolean()),
  deltaSince: Type.Optional(Time),
  histogram: Type.Optional(
    Type.Object({
      count: Type.Integer({ minimum: 0 }),
      bounds: Type.Array(Type.Number(), { maxItems: 1000 }),
      counts: Type.Array(Type.Integer({ minimum: 0 }), { maxItems: 1001 }),
    }),
  ),
});
/** A line of `metrics/*.ndjson`. */
export type BundleSampleLine = Omit<Static<typeof SampleLine>, 'monotonic'> & { monotonic: boolean };

/** OpenTelemetry's own default, four times over. */
const maxAttributes = 512;
const compiledLog = Compile(LogLine);
const compiledSample = Compile(SampleLine);

/** Reads a line; undefined when it is none, whatever is wrong with it. */
export function readLogLine(line: string): BundleLogLine | undefined {
  const value = parsed(line);
  if (!compiledLog.Check(value)) return undefined;
  if ([value.attributes, value.resource ?? {}].some((texts) => Object.keys(texts).length > maxAttributes))
    return undefined;
  return Number.isNaN(Date.parse(value.timestamp)) ? undefined : value;
}

/** Reads a line; undefined when it is none. A sum that does not say what it is counts as one that only grows. */
export function readSampleLine(line: string): BundleSampleLine | undefined {
  const value = parsed(line);
  if (!compiledSample.Check(value) || Object.keys(value.attributes).length > maxAttributes) return undefined;
  if (Number.isNaN(Date.parse(value.timestamp))) return undefined;
  if (value.kind === 'histogram' && value.histogram?.counts.length !== (value.histogram?.bounds.length ?? 0) + 1) {
    return undefined;
  }
  return { ...value, monotonic: value.monotonic ?? true };
}

export const isSeverity = (text: string): text is Severity => (severities as readonly string[]).includes(text);

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
