-- One row an episode: pending, firing, then resolved and kept for a while.
CREATE TABLE alerts (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  rule TEXT NOT NULL,
  node TEXT NOT NULL,
  subject TEXT NOT NULL,
  severity TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('pending', 'firing', 'resolved')),
  since_unix_ms INTEGER NOT NULL,
  resolved_unix_ms INTEGER,
  resolved_why TEXT,
  value REAL NOT NULL,
  value_unix_ms INTEGER NOT NULL,
  limit_value REAL NOT NULL,
  unit TEXT NOT NULL,
  summary TEXT NOT NULL,
  what_to_do TEXT NOT NULL
) STRICT;

CREATE UNIQUE INDEX alerts_open ON alerts (rule, node, subject) WHERE state != 'resolved';
CREATE INDEX alerts_by_resolution ON alerts (resolved_unix_ms) WHERE state = 'resolved';

-- Counters that only grow: their last value, and when they grew.
CREATE TABLE alert_counters (
  name TEXT NOT NULL,
  node TEXT NOT NULL,
  value REAL NOT NULL,
  grown_unix_ms INTEGER,
  PRIMARY KEY (name, node)
) STRICT;
