-- Used part of each page file or swap device at its newest sample, in percent.
SELECT Node, Attributes['system.device'] AS Subject, argMax(Value, TimeUnix) * 100 AS Value
FROM otel_metrics_gauge
WHERE MetricName = 'system.paging.utilization'
  AND TimeUnix >= fromUnixTimestamp64Milli({nowMs:Int64} - {windowSeconds:Int64} * 1000, 'UTC')
  AND Attributes['system.paging.state'] = 'used'
  AND Node != ''
GROUP BY Node, Subject
