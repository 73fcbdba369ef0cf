-- One where a component was in this state at its newest sample. Scope and type narrow it down where they are not empty:
-- disks are asked hourly, and a window of hours must not read every sensor. Times as in filesystem-used-percent.sql.
SELECT
  Node,
  concat(Attributes['hw.type'], ' ', Attributes['hw.name']) AS Subject,
  argMax(sample.Value, TimeUnix) AS Value
FROM otel_metrics_sum AS sample
WHERE MetricName = 'hw.status'
  AND ({scope:String} = '' OR ScopeName = {scope:String})
  AND TimeUnix >= fromUnixTimestamp64Milli({nowMs:Int64} - {clockSlackSeconds:Int64} * 1000, 'UTC')
  AND ReceivedAt >= fromUnixTimestamp64Milli({nowMs:Int64} - {windowSeconds:Int64} * 1000, 'UTC')
  AND Attributes['hw.state'] = {state:String}
  AND (if({type:String} = '', Attributes['hw.type'] != 'physical_disk', Attributes['hw.type'] = {type:String}))
  AND Node != ''
GROUP BY Node, Subject
