-- How full each filesystem was at its newest sample, in percent. Filesystems that are full by design are left out:
-- images and media that are mounted read-only.
SELECT Node, Attributes['system.filesystem.mountpoint'] AS Subject, argMax(Value, TimeUnix) * 100 AS Value
FROM otel_metrics_gauge
WHERE MetricName = 'system.filesystem.utilization'
  AND TimeUnix >= fromUnixTimestamp64Milli({nowMs:Int64} - {windowSeconds:Int64} * 1000, 'UTC')
  AND Attributes['system.filesystem.state'] IN ('used', '')
  AND Attributes['system.filesystem.mode'] != 'ro'
  AND Attributes['system.filesystem.type'] NOT IN ('squashfs', 'iso9660', 'udf', 'erofs', 'cramfs', 'CDFS', 'UDF')
  AND Node != ''
GROUP BY Node, Subject
