-- Used part of each disk's rated writes, in percent, at its newest sample. Times as in filesystem-used-percent.sql.
SELECT Node, Attributes['hw.name'] AS Subject, round(100 * argMax(sample.Value, TimeUnix)) AS Value
FROM otel_metrics_gauge AS sample
WHERE MetricName = 'hw.physical_disk.endurance_utilization'
  AND TimeUnix >= fromUnixTimestamp64Milli({nowMs:Int64} - {clockSlackSeconds:Int64} * 1000, 'UTC')
  AND ReceivedAt >= fromUnixTimestamp64Milli({nowMs:Int64} - {windowSeconds:Int64} * 1000, 'UTC')
  AND Attributes['hw.physical_disk.state'] = 'used'
  AND Node != ''
GROUP BY Node, Subject
