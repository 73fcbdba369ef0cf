-- Records per step of time and severity: whole five minutes, which the engine takes from the projection counts_5m where
-- the filter allows it, and what is left at both ends.
SELECT
  bucketUnixMs,
  ['unset', 'trace', 'debug', 'info', 'warn', 'error', 'fatal'][1 + intDiv(number + 3, 4)] AS severity,
  sum(found) AS records
FROM (
  SELECT
    intDiv(toUInt64(toUnixTimestamp(toStartOfFiveMinutes(Timestamp))) * 1000, {stepMs:UInt64}) * {stepMs:UInt64} AS bucketUnixMs,
    SeverityNumber AS number,
    count() AS found
  FROM otel_logs
  WHERE toStartOfFiveMinutes(Timestamp) >= toDateTime({wholeSince:UInt32}, 'UTC')
    AND toStartOfFiveMinutes(Timestamp) < toDateTime({wholeUntil:UInt32}, 'UTC')
    AND /*filter*/ true
  GROUP BY bucketUnixMs, number
  UNION ALL
  SELECT
    intDiv(toUInt64(toUnixTimestamp64Milli(Timestamp)), {stepMs:UInt64}) * {stepMs:UInt64} AS bucketUnixMs,
    SeverityNumber AS number,
    count() AS found
  FROM otel_logs
  WHERE Timestamp >= fromUnixTimestamp64Nano({since:Int64}, 'UTC')
    AND Timestamp < fromUnixTimestamp64Nano({until:Int64}, 'UTC')
    AND (Timestamp < toDateTime({wholeSince:UInt32}, 'UTC') OR Timestamp >= toDateTime({wholeUntil:UInt32}, 'UTC'))
    AND /*filter*/ true
  GROUP BY bucketUnixMs, number
)
GROUP BY bucketUnixMs, severity
ORDER BY bucketUnixMs, severity
