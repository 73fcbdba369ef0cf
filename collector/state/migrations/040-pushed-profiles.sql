-- Profile layers that administrators pushed to nodes: every version, a withdrawal being one without text.
CREATE TABLE pushed_profiles (
  name TEXT NOT NULL,
  version INTEGER NOT NULL,
  text TEXT NOT NULL,
  nodes TEXT NOT NULL,
  roles TEXT NOT NULL,
  issued_unix_ms INTEGER NOT NULL,
  expires_unix_ms INTEGER NOT NULL,
  withdrawn INTEGER NOT NULL CHECK (withdrawn IN (0, 1)),
  pushed_by TEXT NOT NULL,
  PRIMARY KEY (name, version)
) STRICT, WITHOUT ROWID;

-- What each node last said of them, as protocol/control.ts has it.
CREATE TABLE profile_reports (
  node TEXT PRIMARY KEY,
  report TEXT NOT NULL,
  at_unix_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
