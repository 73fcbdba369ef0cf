-- How far the rollups are: one row, the newest. It lies beside what it tells of, so that a backup holds both.
CREATE TABLE IF NOT EXISTS rollup_progress
(
    -- Every journal file up to this number is in the rollups.
    Through UInt64,
    -- Slots that end by then were closed when the rollups were made; what is newer is read from raw rows.
    CompleteBefore DateTime('UTC')
)
ENGINE = ReplacingMergeTree(Through)
ORDER BY tuple()
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
