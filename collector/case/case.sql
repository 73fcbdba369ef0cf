-- What a case knows of its bundles beside telemetry: case.db.
CREATE TABLE IF NOT EXISTS bundles (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  site TEXT NOT NULL,
  -- SHA-512 of the tag manifest: what the signature covers.
  manifest TEXT NOT NULL,
  key_id TEXT NOT NULL,
  trust TEXT NOT NULL,
  finished_at TEXT NOT NULL,
  coverage TEXT NOT NULL,
  alerts TEXT NOT NULL DEFAULT '[]',
  findings TEXT,
  damaged TEXT NOT NULL DEFAULT '[]',
  records INTEGER NOT NULL DEFAULT 0,
  samples INTEGER NOT NULL DEFAULT 0,
  unread INTEGER NOT NULL DEFAULT 0,
  -- 1 when all of it is in.
  complete INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE IF NOT EXISTS inventories (
  bundle TEXT NOT NULL,
  node TEXT NOT NULL,
  inventory TEXT NOT NULL,
  PRIMARY KEY (bundle, node)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS files (
  bundle TEXT NOT NULL,
  node TEXT NOT NULL,
  path TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  modified_unix_ms INTEGER NOT NULL,
  volume TEXT NOT NULL,
  PRIMARY KEY (bundle, node, path)
) STRICT, WITHOUT ROWID;
-- Site of the case's first bundle.
CREATE TABLE IF NOT EXISTS home (
  only INTEGER PRIMARY KEY CHECK (only = 1),
  site TEXT NOT NULL
) STRICT;
