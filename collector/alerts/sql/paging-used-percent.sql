-- Used part of each page file or swap device at its newest sample, in percent. Times as in filesystem-used-percent.sql.
SELECT Node, Attributes['system.device'] AS Subject, 100 * argMax(sample.Value, TimeUnix) AS Value
FROM otel_metrics_gauge AS sample
WHERE MetricName = 'system.paging.utilization'
  AND TimeUnix >= fromUnixTimestamp64Milli({nowMs:Int64} - {clockSlackSeconds:Int64} * 1000, 'UTC')
  AND ReceivedAt >= fromUnixTimestamp64Milli({nowMs:Int64} - {windowSeconds:Int64} * 1000, 'UTC')
  AND Attributes['system.paging.state'] = 'used'
  AND Node != ''
GROUP BY Node, Subject
