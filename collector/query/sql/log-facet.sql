-- The most frequent values of one field: whole five minutes, which the engine takes from the projection counts_5m where
-- value and filter allow it, and what is left at both ends.
SELECT value, sum(found) AS records
FROM (
  SELECT /*value*/ '' AS value, count() AS found
  FROM otel_logs
  WHERE toStartOfFiveMinutes(Timestamp) >= toDateTime({wholeSince:UInt32}, 'UTC')
    AND toStartOfFiveMinutes(Timestamp) < toDateTime({wholeUntil:UInt32}, 'UTC')
    AND /*filter*/ true
  GROUP BY value
  UNION ALL
  SELECT /*value*/ '' AS value, count() AS found
  FROM otel_logs
  WHERE Timestamp >= fromUnixTimestamp64Nano({since:Int64}, 'UTC')
    AND Timestamp < fromUnixTimestamp64Nano({until:Int64}, 'UTC')
    AND (Timestamp < toDateTime({wholeSince:UInt32}, 'UTC') OR Timestamp >= toDateTime({wholeUntil:UInt32}, 'UTC'))
    AND /*filter*/ true
  GROUP BY value
)
GROUP BY value
HAVING value != ''
ORDER BY records DESC, value
LIMIT {limit:UInt32}
