CREATE TABLE audit (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  at_unix_ms INTEGER NOT NULL,
  event TEXT NOT NULL,
  who TEXT NOT NULL,
  details TEXT NOT NULL
) STRICT;

CREATE INDEX audit_by_time ON audit (at_unix_ms);
