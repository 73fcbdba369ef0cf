-- Whether files that cannot be redacted were asked for.
ALTER TABLE bundles ADD COLUMN raw INTEGER NOT NULL DEFAULT 0;
