-- Which node and scope logged how much in which hour.
SELECT
  Node AS node,
  ScopeName AS scope,
  toUnixTimestamp64Milli(toDateTime64(toStartOfHour(Timestamp), 3, 'UTC')) AS hourUnixMs,
  count() AS records,
  toUnixTimestamp64Milli(min(Timestamp)) AS firstUnixMs,
  toUnixTimestamp64Milli(max(Timestamp)) AS lastUnixMs
FROM otel_logs
WHERE Timestamp >= fromUnixTimestamp64Milli({fromMs:Int64}, 'UTC')
  AND Timestamp < fromUnixTimestamp64Milli({untilMs:Int64}, 'UTC')
  AND Node IN {nodes:Array(String)}
GROUP BY node, scope, hourUnixMs
ORDER BY node, scope, hourUnixMs
