-- One row a bundle job, kept as history; what runs is held in memory and written here when it changes state.
CREATE TABLE bundles (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  state TEXT NOT NULL CHECK (state IN ('waiting', 'gathering', 'writing', 'complete', 'partial', 'failed', 'cancelled')),
  from_unix_ms INTEGER NOT NULL,
  until_unix_ms INTEGER NOT NULL,
  created_unix_ms INTEGER NOT NULL,
  finished_unix_ms INTEGER,
  bytes INTEGER NOT NULL DEFAULT 0,
  error TEXT,
  requested_by TEXT NOT NULL,
  nodes TEXT NOT NULL,
  roles TEXT NOT NULL,
  items TEXT NOT NULL DEFAULT '[]'
) STRICT;

CREATE INDEX bundles_by_time ON bundles (created_unix_ms);
