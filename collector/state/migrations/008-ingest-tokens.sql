-- Tokens of senders, and tokens that can be taken back. SQLite cannot change a CHECK, so the table is made anew.
CREATE TABLE tokens_new (
  hash TEXT PRIMARY KEY,
  kind TEXT NOT NULL CHECK (kind IN ('enroll', 'signin', 'api', 'ingest')),
  name TEXT NOT NULL,
  role TEXT NOT NULL CHECK (role IN ('viewer', 'administrator')),
  created_by TEXT NOT NULL,
  created_unix_ms INTEGER NOT NULL,
  expires_unix_ms INTEGER NOT NULL,
  used_unix_ms INTEGER,
  used_by TEXT,
  revoked_unix_ms INTEGER
) STRICT;

INSERT INTO tokens_new (
  hash, kind, name, role, created_by, created_unix_ms, expires_unix_ms, used_unix_ms, used_by
)
SELECT hash, kind, name, role, created_by, created_unix_ms, expires_unix_ms, used_unix_ms, used_by FROM tokens;

DROP TABLE tokens;
ALTER TABLE tokens_new RENAME TO tokens;
