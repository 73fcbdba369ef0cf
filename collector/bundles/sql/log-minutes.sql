-- Which node and scope logged how much in which minute.
SELECT
  Node AS node,
  ScopeName AS scope,
  intDiv(toUnixTimestamp64Milli(Timestamp), 60000) * 60000 AS minuteUnixMs,
  count() AS records,
  toUnixTimestamp64Milli(min(Timestamp)) AS firstUnixMs,
  toUnixTimestamp64Milli(max(Timestamp)) AS lastUnixMs
FROM otel_logs
WHERE Timestamp >= fromUnixTimestamp64Milli({fromMs:Int64}, 'UTC')
  AND Timestamp < fromUnixTimestamp64Milli({untilMs:Int64}, 'UTC')
  AND Node IN {nodes:Array(String)}
GROUP BY node, scope, minuteUnixMs
ORDER BY node, scope, minuteUnixMs
