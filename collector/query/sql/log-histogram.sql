-- Records per step of time and severity.
SELECT
  intDiv(toUnixTimestamp64Milli(Timestamp), {stepMs:UInt64}) * {stepMs:UInt64} AS bucketUnixMs,
  ['unset', 'trace', 'debug', 'info', 'warn', 'error', 'fatal'][1 + intDiv(SeverityNumber + 3, 4)] AS severity,
  count() AS records
FROM otel_logs
WHERE Timestamp >= fromUnixTimestamp64Nano({since:Int64}, 'UTC')
  AND Timestamp < fromUnixTimestamp64Nano({until:Int64}, 'UTC')
  AND /*filter*/ true
GROUP BY bucketUnixMs, severity
ORDER BY bucketUnixMs, severity
