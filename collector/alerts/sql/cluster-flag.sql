-- One where what a cluster tells of one of its parts is zero at the newest sample. The node that leads the cluster tells
-- for all, and another may lead a minute later: the part is the subject, and the cluster stands for the node. Times as in
-- filesystem-used-percent.sql.
SELECT
  Attributes['azurelocal.cluster.name'] AS Node,
  Attributes[{attribute:String}] AS Subject,
  1 - argMax(sample.Value, TimeUnix) AS Value
FROM otel_metrics_gauge AS sample
WHERE MetricName = {metric:String}
  AND TimeUnix >= fromUnixTimestamp64Milli({nowMs:Int64} - {clockSlackSeconds:Int64} * 1000, 'UTC')
  AND ReceivedAt >= fromUnixTimestamp64Milli({nowMs:Int64} - {windowSeconds:Int64} * 1000, 'UTC')
  AND sample.Node != ''
GROUP BY Node, Subject
