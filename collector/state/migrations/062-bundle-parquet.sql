-- Whether what is stored was asked for as Parquet too.
ALTER TABLE bundles ADD COLUMN parquet INTEGER NOT NULL DEFAULT 0;
ALTER TABLE bundle_schedules ADD COLUMN parquet INTEGER NOT NULL DEFAULT 0;
