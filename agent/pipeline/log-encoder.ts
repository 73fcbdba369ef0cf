import type { ReadableLogRecord } from '@opentelemetry/sdk-logs';
import { ByteWriter } from '../../protocol/otlp/byte-writer.ts';
import { exportRequestBytes, type ScopeLogs, writeExportRequest } from '../../protocol/otlp/export-request.ts';
import { createRecordEncoder, fieldsOf, takeApart } from '../../protocol/otlp/record-encoder.ts';
import type { Line } from '../sources/line-sink.ts';
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
}

interface CountedScope extends ScopeLogs {
  count: number;
}

const initialBytes = 16 * 1024;
/** An idle scope gives back what a burst made it take. */
const keptBytes = 256 * 1024;
/** Requests' buffers that wait to be used again; small ones are not worth it. */
const keptRequests = 2;

/** Byte for byte what `ProtobufLogsSerializer` makes of the same records (tested), but record by record. */
export function createLogEncoder(): LogEncoder {
  const scopes = new Map<ReadableLogRecord['instrumentationScope'], CountedScope>();
  const writeRecord = createRecordEncoder();
  const writeLine = createLineEncoder();
  const spare: ArrayBufferLike[] = [];
  let resourceField: Buffer | undefined;
  let records = 0;
  let bytes = 0;

  function scopeOf(record: ReadableLogRecord): CountedScope {
    const found = scopes.get(record.instrumentationScope);
    if (found) return found;
    const parts = takeApart(record);
    resourceField ??= parts.resourceField;
    const made = { field: parts.scopeField, records: new ByteWriter(initialBytes), count: 0 };
    scopes.set(record.instrumentationScope, made);
    return made;
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
      const before = scope.records.length;
      writeRecord(scope.records, record);
      records += 1;
      scope.count += 1;
      bytes += scope.records.length - before;
    },
    addLine(line, like) {
      const scope = scopeOf(like);
      const before = scope.records.length;
      writeLine(scope.records, line);
      scope.count += 1;
      records += 1;
      bytes += scope.records.length - before;
    },
    take(attributes) {
      const used = [...scopes.values()].filter((scope) => scope.records.length > 0);
      const resource = withAttributes(resourceField ?? Buffer.alloc(0), attributes);
      const size = exportRequestBytes(resource, used);
      const old = spare.pop();
      const out = new ByteWriter(old && old.byteLength >= size ? Buffer.from(old) : Math.ceil(size / 65_536) * 65_536);
      writeExportRequest(out, resource, used);
      for (const scope of used) {
        if (scope.records.buffer.length > keptBytes && scope.records.length < keptBytes / 4) {
          scope.records = new ByteWriter(initialBytes);
        }
        scope.records.reset();
        scope.count = 0;
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
  };
}

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
