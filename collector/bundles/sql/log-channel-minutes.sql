-- Which node, scope and channel logged how much in which minute. Where a scope has more channels than could be told apart
-- (a file name with a time in it), all of it is one: `*`.
WITH
  wide AS (
    SELECT Node, ScopeName
    FROM otel_logs
    WHERE Timestamp >= fromUnixTimestamp64Milli({fromMs:Int64}, 'UTC')
      AND Timestamp < fromUnixTimestamp64Milli({untilMs:Int64}, 'UTC')
      AND Node IN {nodes:Array(String)}
    GROUP BY Node, ScopeName
    HAVING uniqCombined(/*channel*/ '') > {mostChannels:UInt32}
  )
SELECT
  Node AS node,
  ScopeName AS scope,
  if((Node, ScopeName) IN wide, '*', /*channel*/ '') AS channel,
  intDiv(toUnixTimestamp64Milli(Timestamp), 60000) * 60000 AS minuteUnixMs,
  count() AS records,
  toUnixTimestamp64Milli(min(Timestamp)) AS firstUnixMs,
  toUnixTimestamp64Milli(max(Timestamp)) AS lastUnixMs
FROM otel_logs
WHERE Timestamp >= fromUnixTimestamp64Milli({fromMs:Int64}, 'UTC')
  AND Timestamp < fromUnixTimestamp64Milli({untilMs:Int64}, 'UTC')
  AND Node IN {nodes:Array(String)}
GROUP BY node, scope, channel, minuteUnixMs
ORDER BY node, scope, channel, minuteUnixMs
