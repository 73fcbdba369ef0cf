-- Who has ever sent syslog, and when last.
CREATE TABLE syslog_peers (
  peer TEXT PRIMARY KEY,
  last_seen_unix_ms INTEGER NOT NULL
) STRICT;
