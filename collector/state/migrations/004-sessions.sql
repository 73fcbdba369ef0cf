CREATE TABLE sessions (
  hash TEXT PRIMARY KEY,
  user TEXT NOT NULL,
  role TEXT NOT NULL CHECK (role IN ('viewer', 'administrator')),
  created_unix_ms INTEGER NOT NULL,
  expires_unix_ms INTEGER NOT NULL
) STRICT;
