CREATE TABLE nodes (
  node TEXT PRIMARY KEY,
  host_name TEXT NOT NULL,
  os TEXT NOT NULL,
  version TEXT NOT NULL,
  enrolled_unix_ms INTEGER NOT NULL,
  last_seen_unix_ms INTEGER,
  boot_unix_ms INTEGER,
  clock_offset_ms REAL,
  spool TEXT,
  sources TEXT NOT NULL DEFAULT '[]',
  inventory TEXT,
  inventory_unix_ms INTEGER
) STRICT;
