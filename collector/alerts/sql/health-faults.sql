-- Severity of each open fault of the Health Service. The leading node of a cluster reports them, and another may lead a
-- minute later, so the newest report counts, whoever made it. Times as in filesystem-used-percent.sql.
SELECT
  argMax(sample.Node, TimeUnix) AS Node,
  concat(
    replaceOne(Attributes['azurelocal.health.fault.type'], 'Microsoft.Health.FaultType.', ''),
    ': ',
    Attributes['azurelocal.health.fault.object']
  ) AS Subject,
  argMax(sample.Value, TimeUnix) AS Value
FROM otel_metrics_gauge AS sample
WHERE MetricName = 'azurelocal.health.fault'
  AND TimeUnix >= fromUnixTimestamp64Milli({nowMs:Int64} - {clockSlackSeconds:Int64} * 1000, 'UTC')
  AND ReceivedAt >= fromUnixTimestamp64Milli({nowMs:Int64} - {windowSeconds:Int64} * 1000, 'UTC')
  AND sample.Node != ''
GROUP BY Subject
