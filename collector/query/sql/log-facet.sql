-- The most frequent values of one field.
SELECT /*value*/ '' AS value, count() AS records
FROM otel_logs
WHERE Timestamp >= fromUnixTimestamp64Nano({since:Int64}, 'UTC')
  AND Timestamp < fromUnixTimestamp64Nano({until:Int64}, 'UTC')
  AND /*filter*/ true
GROUP BY value
HAVING value != ''
ORDER BY records DESC, value
LIMIT {limit:UInt32}
