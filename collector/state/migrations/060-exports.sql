-- Exports of bundles onto media, as they were asked for and what became of them.
CREATE TABLE exports (
  id TEXT PRIMARY KEY,
  bundle TEXT NOT NULL,
  state TEXT NOT NULL,
  requested_by TEXT NOT NULL,
  requested_unix_ms INTEGER NOT NULL,
  -- The job as the API shows it, JSON.
  job TEXT NOT NULL
) STRICT;
CREATE INDEX exports_by_time ON exports (requested_unix_ms);
