-- How full each filesystem was at its newest sample, in percent. Filesystems that are full by design are left out:
-- images and media that are mounted read-only. What counts as new goes by the collector's clock, since a node's may be
-- wrong; its own time only has to be near enough for the index to help.
SELECT Node, Attributes['system.filesystem.mountpoint'] AS Subject, 100 * argMax(sample.Value, TimeUnix) AS Value
FROM otel_metrics_gauge AS sample
WHERE MetricName = 'system.filesystem.utilization'
  AND TimeUnix >= fromUnixTimestamp64Milli({nowMs:Int64} - {clockSlackSeconds:Int64} * 1000, 'UTC')
  AND ReceivedAt >= fromUnixTimestamp64Milli({nowMs:Int64} - {windowSeconds:Int64} * 1000, 'UTC')
  AND Attributes['system.filesystem.state'] IN ('used', '')
  AND Attributes['system.filesystem.mode'] != 'ro'
  AND Attributes['system.filesystem.type'] NOT IN ('squashfs', 'iso9660', 'udf', 'erofs', 'cramfs', 'CDFS', 'UDF')
  AND Node != ''
GROUP BY Node, Subject
