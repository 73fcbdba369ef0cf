-- The newest value in the window of everything that probes measure, and how often a look failed. What an error was is an
-- attribute of the sample, and not of what was looked at.
SELECT
  Node AS node,
  MetricName AS metric,
  mapFilter((name, _) -> name != 'error.type', Attributes) AS attributes,
  argMax(Attributes['error.type'], TimeUnix) AS errorType,
  argMax(Value, TimeUnix) AS value,
  count() AS looks,
  countIf(Value = 0) AS zeros,
  toUnixTimestamp64Milli(max(TimeUnix)) AS lastUnixMs
FROM otel_metrics_gauge
WHERE MetricName IN (
    'sextant.probe.up', 'sextant.probe.duration', 'httpcheck.status', 'tlscheck.time_left', 'sextant.probe.crl.time_left',
    'azurelocal.control_plane.ready', 'azurelocal.control_plane.readiness'
  )
  AND TimeUnix >= fromUnixTimestamp64Milli({fromMs:Int64}, 'UTC')
  AND TimeUnix < fromUnixTimestamp64Milli({untilMs:Int64}, 'UTC')
  AND Node IN {nodes:Array(String)}
GROUP BY node, metric, attributes
ORDER BY node, metric, toString(attributes)
LIMIT 20000
