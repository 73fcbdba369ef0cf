interface ErrorEntry {
  /** HTTP status. */
  status: number;
  /** Exit code of a command that ends with it. */
  exit: 1 | 2 | 3;
  /** What the reader should do, as a phrase that follows a semicolon. */
  next: string;
}

/**
 * Every error a user can meet, once. A code is never renamed and a retired code is never used again.
 * docs/errors.md is generated from this table.
 */
export const errorRegistry = {
  SX_CONFIG_INVALID: { status: 500, exit: 2, next: 'correct the lines named above and start again' },
  SX_DATA_FOLDER: { status: 500, exit: 2, next: 'make the folder writable or choose another with --data-dir' },
  SX_DATA_FOLDER_HELD: { status: 500, exit: 2, next: 'stop that process or choose another --data-dir' },
  SX_PORT_TAKEN: { status: 500, exit: 2, next: 'free the port or choose another with --port' },
  SX_BAD_REQUEST: { status: 400, exit: 2, next: 'correct the request' },
  SX_NO_SUCH_PATH: { status: 400, exit: 2, next: 'correct the path, or mount the medium that it lies on' },
  SX_PROFILE_INVALID: { status: 400, exit: 2, next: 'correct the lines named above; docs/profiles.md has the rules' },
  SX_SQL_REFUSED: { status: 400, exit: 2, next: 'write one SELECT as docs/sql.md describes' },
  SX_BAD_OTLP: { status: 400, exit: 1, next: 'send a well-formed OTLP export request' },
  SX_TOO_LARGE: { status: 413, exit: 1, next: 'send smaller batches or raise collector.limits.requestBytes' },
  SX_METHOD: { status: 405, exit: 1, next: 'use the method that the Allow header names' },
  SX_MEDIA_TYPE: {
    status: 415,
    exit: 1,
    next: 'send application/x-protobuf or application/json, plain or with gzip, zstd or deflate',
  },
  SX_UNAUTHENTICATED: { status: 401, exit: 1, next: 'sign in or present a token' },
  SX_CLIENT_CERTIFICATE: { status: 403, exit: 1, next: 'enrol this node with a token from `sextant token create`' },
  SX_FORBIDDEN: { status: 403, exit: 1, next: 'ask an administrator for the role that this needs' },
  SX_ENROLLMENT_TOKEN: { status: 403, exit: 1, next: 'create a new one with `sextant token create`' },
  SX_NOT_FOUND: { status: 404, exit: 1, next: 'list what there is first' },
  SX_TOO_OFTEN: { status: 429, exit: 1, next: 'wait a minute and try again' },
  SX_BACKLOG_FULL: { status: 429, exit: 1, next: 'the sender retries by itself; if it lasts, storage is too slow' },
  SX_CAP_REACHED: { status: 503, exit: 1, next: 'raise collector.storage.maxBytes or lower retention' },
  SX_DISK_FULL: { status: 503, exit: 1, next: 'free space or lower retention' },
  SX_QUERY_TOO_LARGE: { status: 503, exit: 1, next: 'narrow the time range, the nodes or the search' },
  SX_UNAVAILABLE: { status: 503, exit: 1, next: 'try again in a moment' },
  SX_STORAGE_AWAY: { status: 503, exit: 1, next: 'nothing is lost meanwhile; see that the ClickHouse server answers' },
  SX_STORAGE_UNFIT: { status: 503, exit: 2, next: 'see docs/clickhouse.md, correct it and start again' },
  SX_NO_COLLECTOR: { status: 503, exit: 1, next: 'start it with `npm start`, or name it with --url and --data-dir' },
  SX_CONFLICT: { status: 409, exit: 1, next: 'ask for the current state and go on from there' },
  SX_CHECKSUM: { status: 422, exit: 1, next: 'send it again' },
  SX_BUNDLE_INVALID: { status: 400, exit: 1, next: 'do not trust the named part; ask for another copy' },
  SX_BUNDLE_FAILED: { status: 500, exit: 1, next: 'see the named cause, then create the bundle again' },
  SX_MEDIUM_UNFIT: { status: 409, exit: 1, next: 'take another medium; `sextant drives` shows what there is' },
  SX_MEDIUM_FULL: { status: 507, exit: 1, next: 'free space and go on with --resume, or take a larger medium' },
  SX_MEDIUM_GONE: { status: 409, exit: 1, next: 'put the medium back and run the same command with --resume' },
  SX_MEDIUM_FAULTY: { status: 500, exit: 1, next: 'do not trust this medium; export to another one' },
  SX_EXPORT_REFUSED: { status: 403, exit: 1, next: 'see media.* in sextant.yaml for what this site allows' },
  SX_REDACTION_LEAK: {
    status: 500,
    exit: 1,
    next: 'nothing was written of it; report the rules that are named, and create the bundle without that source',
  },
  SX_INTERNAL: { status: 500, exit: 1, next: 'look for the cause in the program’s own log' },
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof errorRegistry;
