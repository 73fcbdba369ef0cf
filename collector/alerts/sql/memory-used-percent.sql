-- Used part of each node's memory at its newest sample, in percent.
SELECT Node, '' AS Subject, argMax(Value, TimeUnix) * 100 AS Value
FROM otel_metrics_gauge
WHERE MetricName = 'system.memory.utilization'
  AND TimeUnix >= fromUnixTimestamp64Milli({nowMs:Int64} - {windowSeconds:Int64} * 1000, 'UTC')
  AND Attributes['system.memory.state'] = 'used'
  AND Node != ''
GROUP BY Node
