-- Slots that have rows of journal files which the rollups have not seen.
SELECT DISTINCT toUnixTimestamp(toStartOfFiveMinutes(TimeUnix)) AS slot
FROM
(
    SELECT TimeUnix FROM otel_metrics_gauge WHERE JournalFile > {after:UInt64} AND JournalFile <= {through:UInt64}
    UNION ALL
    SELECT TimeUnix FROM otel_metrics_sum WHERE JournalFile > {after:UInt64} AND JournalFile <= {through:UInt64}
)
ORDER BY slot
