import type { ReadableLogRecord } from '@opentelemetry/sdk-logs';
import { ByteWriter } from '../../protocol/otlp/byte-writer.ts';
import { exportRequestBytes, type ScopeLogs, writeExportRequest } from '../../protocol/otlp/export-request.ts';
import { recordAttributes } from '../../protocol/otlp/record-attributes.ts';
import { createRecordEncoder, fieldsOf, takeApart } from '../../protocol/otlp/record-encoder.ts';
import type { Line, LineOrigin } from '../sources/line-sink.ts';
import { createLineEncoder } from './line-encoder.ts';

/** Collects log records as the bytes of one OTLP export request. */
export interface LogEncoder {
  /** Encodes the record at once; nothing of it is kept. */
  add(record: ReadableLogRecord): void;
  /** The same for a line; `like` is any record of the scope it belongs to. */
  addLine(line: Line, like: ReadableLogRecord): void;
  readonly records: number;
  /** Records so far by scope. */
  counts(): Record<string, number>;
  /** Size of the request so far, but for a few hundred bytes of frame. */
  readonly bytes: number;
  /**
   * The request, in bytes that are the caller's; the encoder starts anew. `attributes`: fields of the Resource message
   * to be added behind its own.
   */
  take(attributes?: Buffer): Buffer;
  /** Gives a request's bytes back once nobody needs them any more: at full speed new ones would be most of the garbage. */
  recycle(request: Buffer): void;
  /** Gives back what a burst made it take, where nothing waits in it. */
  giveBack(): void;
}

interface Scope {
  /** The `scope` field of ScopeLogs with its tag. */
  readonly field: Buffer;
  records: ByteWriter;
  count: number;
  /** Records that follow one another and share their attributes, each run a ScopeLogs. */
  runs: Run[];
}

interface Run {
  /** Whose attributes the records share; undefined when they share none. */
  readonly origin: LineOrigin | undefined;
  readonly head: Buffer;
  /** Where they begin among the scope's records. */
  readonly from: number;
}

const initialBytes = 16 * 1024;
/** What a burst made a scope take beyond this is given back: with the next small batch, or at rest, where none may come. */
const keptBytes = 256 * 1024;
/** Requests' buffers that wait to be used again; small ones are not worth it. */
const keptRequests = 2;

/** What tags and lengths of a ScopeLogs take at most. */
const scopeLogsFrame = 6;

/**
 * Byte for byte what `ProtobufLogsSerializer` makes of the same records (tested), but record by record; only that lines
 * of one file that follow one another have a ScopeLogs of their own, with the file's attributes before them.
 */
export function createLogEncoder(): LogEncoder {
  const scopes = new Map<ReadableLogRecord['instrumentationScope'], Scope>();
  const writeRecord = createRecordEncoder();
  const writeLine = createLineEncoder();
  const spare: ArrayBufferLike[] = [];
  let resourceField: Buffer | undefined;
  let records = 0;
  let bytes = 0;

  function scopeOf(record: ReadableLogRecord): Scope {
    const found = scopes.get(record.instrumentationScope);
    if (found) return found;
    const parts = takeApart(record);
    resourceField ??= parts.resourceField;
    const made: Scope = { field: parts.scopeField, records: new ByteWriter(initialBytes), count: 0, runs: [] };
    scopes.set(record.instrumentationScope, made);
    return made;
  }

  /** The records that come next have these attributes in common. */
  function startRun(scope: Scope, origin: LineOrigin | undefined): void {
    const head = origin ? Buffer.concat([scope.field, recordAttributes(origin.attributes)]) : scope.field;
    scope.runs.push({ origin, head, from: scope.records.length });
    bytes += head.length + scopeLogsFrame;
  }

  return {
    get records() {
      return records;
    },
    get bytes() {
      return bytes;
    },
    counts() {
      const counts: Record<string, number> = {};
      for (const [{ name }, { count }] of scopes) if (count > 0) counts[name] = (counts[name] ?? 0) + count;
      return counts;
    },
    add(record) {
      const scope = scopeOf(record);
      if (scope.runs.length === 0 || scope.runs.at(-1)?.origin) startRun(scope, undefined);
      const before = scope.records.length;
      writeRecord(scope.records, record);
      records += 1;
      scope.count += 1;
      bytes += scope.records.length - before;
    },
    addLine(line, like) {
      const scope = scopeOf(like);
      if (scope.runs.at(-1)?.origin !== line.origin) startRun(scope, line.origin);
      const before = scope.records.length;
      writeLine(scope.records, line);
      scope.count += 1;
      records += 1;
      bytes += scope.records.length - before;
    },
    take(attributes) {
      const used = [...scopes.values()].filter((scope) => scope.records.length > 0);
      const resource = withAttributes(resourceField ?? Buffer.alloc(0), attributes);
      const scopeLogs = used.flatMap(scopeLogsOf);
      const size = exportRequestBytes(resource, scopeLogs);
      const old = spare.pop();
      const out = new ByteWriter(old && old.byteLength >= size ? Buffer.from(old) : Math.ceil(size / 65_536) * 65_536);
      writeExportRequest(out, resource, scopeLogs);
      for (const scope of used) {
        if (scope.records.buffer.length > keptBytes && scope.records.length < keptBytes / 4) {
          scope.records = new ByteWriter(initialBytes);
        }
        scope.records.reset();
        scope.count = 0;
        scope.runs = [];
      }
      records = 0;
      bytes = 0;
      // The burst is over: what it needed goes back.
      if (size < keptBytes) spare.length = 0;
      return out.written();
    },
    recycle(request) {
      if (spare.length < keptRequests && request.length >= keptBytes) spare.push(request.buffer);
    },
    giveBack() {
      spare.length = 0;
      for (const scope of scopes.values()) {
        if (scope.count === 0 && scope.records.buffer.length > keptBytes) scope.records = new ByteWriter(initialBytes);
      }
    },
  };
}

const scopeLogsOf = ({ records, runs }: Scope): ScopeLogs[] =>
  runs.map(({ head, from }, index) => ({
    head,
    records: records.buffer.subarray(from, runs[index + 1]?.from ?? records.length),
  }));

/** The `resource` field with more in it. */
function withAttributes(field: Buffer, attributes: Buffer | undefined): Buffer {
  if (attributes === undefined || attributes.length === 0) return field;
  const content = fieldsOf(field)[0]?.content ?? Buffer.alloc(0);
  const out = new ByteWriter(content.length + attributes.length + 8);
  out.varint(0x0a);
  out.varint(content.length + attributes.length);
  out.bytes(content);
  out.bytes(attributes);
  return out.written();
}
