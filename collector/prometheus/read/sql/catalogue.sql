-- The metrics that had a sample in the range, with the names of their attributes. Gauges and sums come from the rollup of
-- hours as far as it goes.
WITH (
  SELECT intDiv(toUnixTimestamp(argMax(CompleteBefore, Through)), 3600) * 3600 FROM rollup_progress
) AS rolledUntil
SELECT
  name, unit, kind, isMonotonic, isDelta,
  max(description) AS help,
  groupUniqArrayArray(keys) AS attributeNames
FROM (
  SELECT
    toString(MetricName) AS name, toString(MetricUnit) AS unit, toString(Kind) AS kind,
    toUInt8(IsMonotonic) AS isMonotonic, toUInt8(Kind = 'sum' AND AggregationTemporality = 1) AS isDelta,
    '' AS description, mapKeys(Attributes) AS keys
  FROM metric_rollup_1h
  WHERE Slot >= toStartOfHour(fromUnixTimestamp64Milli({fromMs:Int64}, 'UTC'))
    AND Slot <= fromUnixTimestamp64Milli({toMs:Int64}, 'UTC')
    AND Slot < toDateTime(toUInt32(rolledUntil), 'UTC')
  UNION ALL
  SELECT toString(MetricName), toString(MetricUnit), 'gauge', 0, 0, toString(MetricDescription), mapKeys(Attributes)
  FROM otel_metrics_gauge
  WHERE TimeUnix >= fromUnixTimestamp64Milli(greatest({fromMs:Int64}, toInt64(rolledUntil) * 1000), 'UTC')
    AND TimeUnix < fromUnixTimestamp64Milli({toMs:Int64} + 1, 'UTC')
  UNION ALL
  SELECT
    toString(MetricName), toString(MetricUnit), 'sum', toUInt8(IsMonotonic), toUInt8(AggregationTemporality = 1),
    toString(MetricDescription), mapKeys(Attributes)
  FROM otel_metrics_sum
  WHERE TimeUnix >= fromUnixTimestamp64Milli(greatest({fromMs:Int64}, toInt64(rolledUntil) * 1000), 'UTC')
    AND TimeUnix < fromUnixTimestamp64Milli({toMs:Int64} + 1, 'UTC')
  UNION ALL
  SELECT
    toString(MetricName), toString(MetricUnit), 'histogram', 1, toUInt8(AggregationTemporality = 1),
    toString(MetricDescription), mapKeys(Attributes)
  FROM otel_metrics_histogram
  WHERE TimeUnix >= fromUnixTimestamp64Milli({fromMs:Int64}, 'UTC')
    AND TimeUnix < fromUnixTimestamp64Milli({toMs:Int64} + 1, 'UTC')
  UNION ALL
  SELECT
    toString(MetricName), toString(MetricUnit), 'exponential-histogram', 1, 0,
    toString(MetricDescription), mapKeys(Attributes)
  FROM otel_metrics_exponential_histogram
  WHERE TimeUnix >= fromUnixTimestamp64Milli({fromMs:Int64}, 'UTC')
    AND TimeUnix < fromUnixTimestamp64Milli({toMs:Int64} + 1, 'UTC')
  UNION ALL
  SELECT
    toString(MetricName), toString(MetricUnit), 'summary', 1, 0,
    toString(MetricDescription), mapKeys(Attributes)
  FROM otel_metrics_summary
  WHERE TimeUnix >= fromUnixTimestamp64Milli({fromMs:Int64}, 'UTC')
    AND TimeUnix < fromUnixTimestamp64Milli({toMs:Int64} + 1, 'UTC')
)
GROUP BY name, unit, kind, isMonotonic, isDelta
ORDER BY name, unit, kind
