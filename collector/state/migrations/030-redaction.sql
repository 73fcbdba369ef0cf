-- What a bundle was redacted with, and what the site's pseudonyms stand for. The second never leaves the site.
ALTER TABLE bundles ADD COLUMN redaction TEXT NOT NULL DEFAULT 'standard' CHECK (redaction IN ('none', 'standard', 'strict'));

CREATE TABLE pseudonyms (
  pseudonym TEXT PRIMARY KEY,
  kind TEXT NOT NULL CHECK (kind IN ('host', 'user', 'domain', 'guid')),
  name TEXT NOT NULL,
  first_unix_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX pseudonyms_by_time ON pseudonyms (first_unix_ms);
