-- What asked for a bundle, which retention counts apart, and when retention took its folder away.
ALTER TABLE bundles ADD COLUMN origin TEXT NOT NULL DEFAULT 'request' CHECK (origin IN ('request', 'schedule', 'alert'));
ALTER TABLE bundles ADD COLUMN removed_unix_ms INTEGER;
