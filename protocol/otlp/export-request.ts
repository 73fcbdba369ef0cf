import { ByteWriter, varintBytes } from './byte-writer.ts';

/** One ScopeLogs, encoded. */
export interface ScopeLogs {
  /** Its fields before the records, each with its tag: the `scope`, and what its records share. */
  head: Uint8Array;
  /** `log_records` fields, one behind the other. */
  records: Uint8Array;
}

/** Bytes of the whole request. */
export function exportRequestBytes(resource: Uint8Array, scopes: readonly ScopeLogs[]): number {
  const inner = resourceLogsBytes(resource, scopes);
  return 1 + varintBytes(inner) + inner;
}

/** Writes an ExportLogsServiceRequest of one resource, whose `resource` field comes with its tag. */
export function writeExportRequest(out: ByteWriter, resource: Uint8Array, scopes: readonly ScopeLogs[]): void {
  out.reserve(exportRequestBytes(resource, scopes) + 8);
  out.varint(0x0a);
  out.varint(resourceLogsBytes(resource, scopes));
  out.copy(resource);
  for (const { head, records } of scopes) {
    out.varint(0x12);
    out.varint(head.length + records.length);
    out.copy(head);
    out.copy(records);
  }
}

/**
 * What stands before the records in the request of one scope. It may be put before bytes that are there already: it has no
 * more than `resource`, `scope` and 12 bytes.
 */
export function exportRequestHead(resource: Uint8Array, scope: Uint8Array, recordBytes: number): Buffer {
  const inner = scope.length + recordBytes;
  const out = new ByteWriter(resource.length + scope.length + 32);
  out.varint(0x0a);
  out.varint(resource.length + 1 + varintBytes(inner) + inner);
  out.copy(resource);
  out.varint(0x12);
  out.varint(inner);
  out.copy(scope);
  return out.written();
}

function resourceLogsBytes(resource: Uint8Array, scopes: readonly ScopeLogs[]): number {
  let bytes = resource.length;
  for (const { head, records } of scopes) {
    const size = head.length + records.length;
    bytes += 1 + varintBytes(size) + size;
  }
  return bytes;
}
