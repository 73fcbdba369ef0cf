-- How often a bundle was begun: what a stop of the collector broke off is begun again, but not for ever.
ALTER TABLE bundles ADD COLUMN attempts INTEGER NOT NULL DEFAULT 0;
