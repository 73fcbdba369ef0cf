-- Part of each node's memory that is not available for new work, in percent, at its newest sample. Where the node does
-- not say what is available (only Linux does), what it calls used. Times as in filesystem-used-percent.sql.
SELECT
  Node,
  '' AS Subject,
  if(
    countIf(kind = 'available') > 0 AND countIf(kind = 'limit') > 0,
    100 * (1 - argMaxIf(amount, TimeUnix, kind = 'available') / argMaxIf(amount, TimeUnix, kind = 'limit')),
    100 * argMaxIf(amount, TimeUnix, kind = 'used')
  ) AS Value
FROM (
  SELECT Node, TimeUnix, sample.Value AS amount, 'used' AS kind, ReceivedAt
  FROM otel_metrics_gauge AS sample
  WHERE MetricName = 'system.memory.utilization' AND Attributes['system.memory.state'] = 'used'
    AND TimeUnix >= fromUnixTimestamp64Milli({nowMs:Int64} - {clockSlackSeconds:Int64} * 1000, 'UTC')
  UNION ALL
  SELECT Node, TimeUnix, sample.Value AS amount, if(MetricName = 'system.memory.limit', 'limit', 'available') AS kind, ReceivedAt
  FROM otel_metrics_sum AS sample
  WHERE MetricName IN ('system.memory.limit', 'system.memory.linux.available')
    AND TimeUnix >= fromUnixTimestamp64Milli({nowMs:Int64} - {clockSlackSeconds:Int64} * 1000, 'UTC')
)
WHERE ReceivedAt >= fromUnixTimestamp64Milli({nowMs:Int64} - {windowSeconds:Int64} * 1000, 'UTC')
  AND Node != ''
GROUP BY Node
HAVING Value > 0
