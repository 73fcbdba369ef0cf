import { lengthPrefix } from '../../protocol/batch.ts';
import { recordAttributesField } from '../../protocol/otlp/record-attributes.ts';
import { FieldCursor, fieldsOf, type WireField } from '../../protocol/wire-fields.ts';
import { putAttribute, textAt, valueText } from './any-value.ts';

/** A log record where it lies in an OTLP export request. */
export interface FoundLog {
  readonly service: string;
  readonly scope: string;
  readonly unixNano: bigint;
  /** OpenTelemetry's: 13 to 16 are warnings; 0 when the record says none. */
  readonly severityNumber: number;
  read(): { body: string; attributes: Record<string, string> };
}

/** The log records of an export request, in their order. */
export function* logRecords(request: Buffer): Generator<FoundLog> {
  for (const resource of children(request, { from: 0, to: request.length }, 1)) {
    const service = serviceOf(request, resource);
    for (const scoped of children(request, resource, 2)) {
      const scope = new PlacedScope(request, scoped, service);
      for (const record of children(request, scoped, 2)) yield new PlacedLog(request, record, scope);
    }
  }
}

/** What a ScopeLogs says of all of its records. */
class PlacedScope {
  readonly service: string;
  readonly name: string;
  readonly #request: Buffer;
  readonly #scoped: WireField;
  #attributes: Readonly<Record<string, string>> | undefined;

  constructor(request: Buffer, scoped: WireField, service: string) {
    this.service = service;
    this.name = scopeName(request, scoped);
    this.#request = request;
    this.#scoped = scoped;
  }

  /** Attributes of each record, before its own. */
  get recordAttributes(): Readonly<Record<string, string>> {
    if (this.#attributes) return this.#attributes;
    const attributes: Record<string, string> = {};
    const field = new FieldCursor(this.#request, this.#scoped.from, this.#scoped.to);
    while (field.next()) if (field.field === recordAttributesField) putAttribute(this.#request, field, attributes);
    this.#attributes = attributes;
    return attributes;
  }
}

/** Reads at once what decides about a record, and the rest when it is asked for: most are only looked at. */
class PlacedLog implements FoundLog {
  readonly service: string;
  readonly scope: string;
  readonly severityNumber: number;
  readonly #request: Buffer;
  readonly #scope: PlacedScope;
  readonly #from: number;
  readonly #to: number;

  constructor(request: Buffer, record: WireField, scope: PlacedScope) {
    this.service = scope.service;
    this.scope = scope.name;
    this.#scope = scope;
    this.#request = request;
    this.#from = record.from;
    this.#to = record.to;
    let severityNumber = 0;
    const field = new FieldCursor(request, record.from, record.to);
    while (field.next()) if (field.field === 2) severityNumber = field.value;
    this.severityNumber = severityNumber;
  }

  get unixNano(): bigint {
    let observed = 0n;
    let told = 0n;
    for (const { field, from } of fieldsOf(this.#request, this.#from, this.#to)) {
      if (field === 1) told = this.#request.readBigUInt64LE(from);
      else if (field === 11) observed = this.#request.readBigUInt64LE(from);
    }
    return told === 0n ? observed : told;
  }

  read(): { body: string; attributes: Record<string, string> } {
    let body = '';
    const attributes: Record<string, string> = { ...this.#scope.recordAttributes };
    for (const field of fieldsOf(this.#request, this.#from, this.#to)) {
      if (field.field === 5) body = valueText(this.#request, field.from, field.to);
      else if (field.field === 6) putAttribute(this.#request, field, attributes);
    }
    return { body, attributes };
  }
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
      const scope = new PlacedScope(request, scoped, service);
      const kept: Buffer[] = [];
      const rest: Buffer[] = [];
      const field = new FieldCursor(request, scoped.from, scoped.to);
      while (field.next()) {
        if (field.field !== 2) rest.push(raw(field));
        else if (keep(new PlacedLog(request, field, scope))) kept.push(raw(field));
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

const scopeName = (request: Buffer, scoped: WireField): string => {
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
