CREATE TABLE certificates (
  fingerprint TEXT PRIMARY KEY,
  serial TEXT NOT NULL UNIQUE,
  node TEXT NOT NULL REFERENCES nodes (node),
  not_before_unix_ms INTEGER NOT NULL,
  not_after_unix_ms INTEGER NOT NULL,
  revoked_unix_ms INTEGER,
  revoked_why TEXT
) STRICT;

CREATE INDEX certificates_by_node ON certificates (node);
