-- Metrics that had a sample in the range.
SELECT MetricName AS name, any(MetricUnit) AS unit, any(metricKind) AS kind, any(MetricDescription) AS description
FROM (
  SELECT MetricName, MetricUnit, 'gauge' AS metricKind, MetricDescription
  FROM otel_metrics_gauge
  WHERE TimeUnix >= fromUnixTimestamp64Nano({since:Int64}, 'UTC') AND TimeUnix < fromUnixTimestamp64Nano({until:Int64}, 'UTC')
  UNION ALL
  SELECT MetricName, MetricUnit, 'sum' AS metricKind, MetricDescription
  FROM otel_metrics_sum
  WHERE TimeUnix >= fromUnixTimestamp64Nano({since:Int64}, 'UTC') AND TimeUnix < fromUnixTimestamp64Nano({until:Int64}, 'UTC')
  UNION ALL
  SELECT MetricName, MetricUnit, 'histogram' AS metricKind, MetricDescription
  FROM otel_metrics_histogram
  WHERE TimeUnix >= fromUnixTimestamp64Nano({since:Int64}, 'UTC') AND TimeUnix < fromUnixTimestamp64Nano({until:Int64}, 'UTC')
  UNION ALL
  SELECT MetricName, MetricUnit, 'exponential-histogram' AS metricKind, MetricDescription
  FROM otel_metrics_exponential_histogram
  WHERE TimeUnix >= fromUnixTimestamp64Nano({since:Int64}, 'UTC') AND TimeUnix < fromUnixTimestamp64Nano({until:Int64}, 'UTC')
  UNION ALL
  SELECT MetricName, MetricUnit, 'summary' AS metricKind, MetricDescription
  FROM otel_metrics_summary
  WHERE TimeUnix >= fromUnixTimestamp64Nano({since:Int64}, 'UTC') AND TimeUnix < fromUnixTimestamp64Nano({until:Int64}, 'UTC')
)
GROUP BY name
ORDER BY name
