-- Bundles that are made again and again, and how far each schedule has been followed.
CREATE TABLE bundle_schedules (
  name TEXT PRIMARY KEY,
  cron TEXT NOT NULL,
  window_ms INTEGER NOT NULL,
  nodes TEXT NOT NULL,
  roles TEXT NOT NULL,
  redaction TEXT NOT NULL CHECK (redaction IN ('none', 'standard', 'strict')),
  created_by TEXT NOT NULL,
  created_unix_ms INTEGER NOT NULL,
  -- Every time of the schedule up to here has had its bundle, or was given up.
  followed_unix_ms INTEGER NOT NULL,
  last_run_unix_ms INTEGER,
  last_bundle TEXT,
  last_error TEXT
) STRICT, WITHOUT ROWID;
