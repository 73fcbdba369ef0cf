-- Samples per node and minute, to cut the reading into pieces of bounded size.
SELECT node, minuteUnixMs, sum(samples) AS samples
FROM (
  SELECT Node AS node, intDiv(toUnixTimestamp64Milli(TimeUnix), 60000) * 60000 AS minuteUnixMs, count() AS samples
  FROM otel_metrics_gauge
  WHERE TimeUnix >= fromUnixTimestamp64Milli({fromMs:Int64}, 'UTC')
    AND TimeUnix < fromUnixTimestamp64Milli({untilMs:Int64}, 'UTC')
    AND Node IN {nodes:Array(String)}
  GROUP BY node, minuteUnixMs
  UNION ALL
  SELECT Node AS node, intDiv(toUnixTimestamp64Milli(TimeUnix), 60000) * 60000 AS minuteUnixMs, count() AS samples
  FROM otel_metrics_sum
  WHERE TimeUnix >= fromUnixTimestamp64Milli({fromMs:Int64}, 'UTC')
    AND TimeUnix < fromUnixTimestamp64Milli({untilMs:Int64}, 'UTC')
    AND Node IN {nodes:Array(String)}
  GROUP BY node, minuteUnixMs
  UNION ALL
  SELECT Node AS node, intDiv(toUnixTimestamp64Milli(TimeUnix), 60000) * 60000 AS minuteUnixMs, count() AS samples
  FROM otel_metrics_histogram
  WHERE TimeUnix >= fromUnixTimestamp64Milli({fromMs:Int64}, 'UTC')
    AND TimeUnix < fromUnixTimestamp64Milli({untilMs:Int64}, 'UTC')
    AND Node IN {nodes:Array(String)}
  GROUP BY node, minuteUnixMs
)
GROUP BY node, minuteUnixMs
ORDER BY node, minuteUnixMs
