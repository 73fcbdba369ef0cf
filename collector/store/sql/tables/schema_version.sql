-- Which migrations this engine has had.
CREATE TABLE IF NOT EXISTS schema_version
(
    Migration String,
    AppliedAt DateTime DEFAULT now()
)
ENGINE = MergeTree
ORDER BY Migration
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
