import { lengthPrefix } from '../../protocol/batch.ts';
import { fieldsOf, type WireField } from '../../protocol/wire-fields.ts';
import { putAttribute, textAt, valueText, varint64 } from './any-value.ts';

/** A log record where it lies in an OTLP export request. */
export interface FoundLog {
  service: string;
  scope: string;
  unixNano: bigint;
  /** OpenTelemetry's: 13 to 16 are warnings; 0 when the record says none. */
  severityNumber: number;
  read(): { body: string; attributes: Record<string, string> };
}

/** The log records of an export request, in their order. */
export function* logRecords(request: Buffer): Generator<FoundLog> {
  for (const resource of children(request, { from: 0, to: request.length }, 1)) {
    const service = serviceOf(request, resource);
    for (const scoped of children(request, resource, 2)) {
      const scope = scopeOf(request, scoped);
      for (const record of children(request, scoped, 2)) yield foundLog(request, record, service, scope);
    }
  }
}

function foundLog(request: Buffer, record: WireField, service: string, scope: string): FoundLog {
  let observed = 0n;
  let told = 0n;
  let severityNumber = 0;
  for (const { field, from } of fieldsOf(request, record.from, record.to)) {
    if (field === 1) told = request.readBigUInt64LE(from);
    else if (field === 11) observed = request.readBigUInt64LE(from);
    else if (field === 2) severityNumber = Number(varint64(request, from));
  }
  return {
    service,
    scope,
    unixNano: told === 0n ? observed : told,
    severityNumber,
    read: () => {
      let body = '';
      const attributes: Record<string, string> = {};
      for (const field of fieldsOf(request, record.from, record.to)) {
        if (field.field === 5) body = valueText(request, field.from, field.to);
        else if (field.field === 6) putAttribute(request, field, attributes);
      }
      return { body, attributes };
    },
  };
}

/**
 * The same request with only those records that `keep` wants, byte for byte as they were; undefined when there is none.
 */
export function keepRecords(
  request: Buffer,
  keep: (record: FoundLog) => boolean,
): { payload: Buffer; records: number } | undefined {
  let records = 0;
  const raw = (field: WireField): Buffer => request.subarray(field.start, field.to);
  const resources: Buffer[] = [];
  for (const resource of children(request, { from: 0, to: request.length }, 1)) {
    const service = serviceOf(request, resource);
    const scopes: Buffer[] = [];
    for (const scoped of children(request, resource, 2)) {
      const scope = scopeOf(request, scoped);
      const kept: Buffer[] = [];
      const rest: Buffer[] = [];
      for (const field of fieldsOf(request, scoped.from, scoped.to)) {
        if (field.field !== 2) rest.push(raw(field));
        else if (keep(foundLog(request, field, service, scope))) kept.push(raw(field));
      }
      records += kept.length;
      if (kept.length > 0) scopes.push(message(2, [...rest, ...kept]));
    }
    if (scopes.length === 0) continue;
    const rest = [...fieldsOf(request, resource.from, resource.to)].filter(({ field }) => field !== 2).map(raw);
    resources.push(message(1, [...rest, ...scopes]));
  }
  return records === 0 ? undefined : { payload: Buffer.concat(resources), records };
}

/** A length-delimited field; numbers below 16. */
function message(field: number, parts: Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([field * 8 + 2]), lengthPrefix(body.length), body]);
}

function* children(bytes: Buffer, { from, to }: { from: number; to: number }, wanted: number): Generator<WireField> {
  for (const field of fieldsOf(bytes, from, to)) if (field.field === wanted) yield field;
}

const scopeOf = (request: Buffer, scoped: WireField): string => {
  for (const scope of children(request, scoped, 1)) {
    for (const name of children(request, scope, 1)) return textAt(request, name);
  }
  return '';
};

function serviceOf(request: Buffer, of: WireField): string {
  const attributes: Record<string, string> = {};
  for (const resource of children(request, of, 1)) {
    for (const pair of children(request, resource, 1)) putAttribute(request, pair, attributes);
  }
  return attributes['service.name'] ?? '';
}
