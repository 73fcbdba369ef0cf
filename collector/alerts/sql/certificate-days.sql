-- Days that each certificate has left, in whole hours, fewer than none when it has expired. Many nodes look at the same
-- endpoint, so one of them stands for all. Of a chain each certificate counts for itself. Times as in
-- filesystem-used-percent.sql.
SELECT
  min(sample.Node) AS Node,
  concat(Attributes['tlscheck.x509.cn'], ' at ', Attributes['tlscheck.target']) AS Subject,
  floor(argMax(sample.Value, TimeUnix) / 3600) / 24 AS Value
FROM otel_metrics_gauge AS sample
WHERE MetricName = 'tlscheck.time_left'
  AND TimeUnix >= fromUnixTimestamp64Milli({nowMs:Int64} - {clockSlackSeconds:Int64} * 1000, 'UTC')
  AND ReceivedAt >= fromUnixTimestamp64Milli({nowMs:Int64} - {windowSeconds:Int64} * 1000, 'UTC')
  AND sample.Node != ''
GROUP BY Subject
