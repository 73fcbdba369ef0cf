-- The series that had a sample in the range, as far as they can be told apart by labels, with the bounds of their buckets
-- or their quantiles. Gauges and sums come from the rollup of hours as far as it goes.
WITH (
  SELECT intDiv(toUnixTimestamp(argMax(CompleteBefore, Through)), 3600) * 3600 FROM rollup_progress
) AS rolledUntil
SELECT
  name, unit, kind, monotonic, node, service, serviceNamespace, serviceInstance, attributes,
  arrayMap(bound -> toString(bound), groupUniqArrayArray(bounds)) AS boundTexts
FROM (
  SELECT
    toString(MetricName) AS name, toString(MetricUnit) AS unit, toString(Kind) AS kind, toUInt8(IsMonotonic) AS monotonic,
    toString(Node) AS node, toString(ServiceName) AS service,
    ResourceAttributes['service.namespace'] AS serviceNamespace,
    if(position(Node, ':') > 0, ResourceAttributes['service.instance.id'], '') AS serviceInstance,
    Attributes AS attributes, CAST([], 'Array(Float64)') AS bounds
  FROM metric_rollup_1h
  WHERE MetricName IN {names:Array(String)}
    AND Slot >= toStartOfHour(fromUnixTimestamp64Milli({fromMs:Int64}, 'UTC'))
    AND Slot <= fromUnixTimestamp64Milli({toMs:Int64}, 'UTC')
    AND Slot < toDateTime(toUInt32(rolledUntil), 'UTC')
    AND NOT (Kind = 'sum' AND AggregationTemporality = 1)
    AND /*filter*/ true
  UNION ALL
  SELECT
    toString(MetricName), toString(MetricUnit), 'gauge', toUInt8(0), toString(Node), toString(ServiceName),
    ResourceAttributes['service.namespace'], if(position(Node, ':') > 0, ResourceAttributes['service.instance.id'], ''),
    Attributes, CAST([], 'Array(Float64)')
  FROM otel_metrics_gauge
  WHERE MetricName IN {names:Array(String)}
    AND TimeUnix >= fromUnixTimestamp64Milli(greatest({fromMs:Int64}, toInt64(rolledUntil) * 1000), 'UTC')
    AND TimeUnix < fromUnixTimestamp64Milli({toMs:Int64} + 1, 'UTC')
    AND /*filter*/ true
  UNION ALL
  SELECT
    toString(MetricName), toString(MetricUnit), 'sum', toUInt8(IsMonotonic), toString(Node), toString(ServiceName),
    ResourceAttributes['service.namespace'], if(position(Node, ':') > 0, ResourceAttributes['service.instance.id'], ''),
    Attributes, CAST([], 'Array(Float64)')
  FROM otel_metrics_sum
  WHERE MetricName IN {names:Array(String)}
    AND TimeUnix >= fromUnixTimestamp64Milli(greatest({fromMs:Int64}, toInt64(rolledUntil) * 1000), 'UTC')
    AND TimeUnix < fromUnixTimestamp64Milli({toMs:Int64} + 1, 'UTC')
    AND AggregationTemporality != 1
    AND /*filter*/ true
  UNION ALL
  SELECT
    toString(MetricName), toString(MetricUnit), 'histogram', toUInt8(1), toString(Node), toString(ServiceName),
    ResourceAttributes['service.namespace'], if(position(Node, ':') > 0, ResourceAttributes['service.instance.id'], ''),
    Attributes, arrayConcat(ExplicitBounds, [toFloat64(inf)])
  FROM otel_metrics_histogram
  WHERE MetricName IN {names:Array(String)}
    AND TimeUnix >= fromUnixTimestamp64Milli({fromMs:Int64}, 'UTC')
    AND TimeUnix < fromUnixTimestamp64Milli({toMs:Int64} + 1, 'UTC')
    AND AggregationTemporality != 1
    AND /*filter*/ true
  UNION ALL
  SELECT
    toString(MetricName), toString(MetricUnit), 'summary', toUInt8(1), toString(Node), toString(ServiceName),
    ResourceAttributes['service.namespace'], if(position(Node, ':') > 0, ResourceAttributes['service.instance.id'], ''),
    Attributes, `ValueAtQuantiles.Quantile`
  FROM otel_metrics_summary
  WHERE MetricName IN {names:Array(String)}
    AND TimeUnix >= fromUnixTimestamp64Milli({fromMs:Int64}, 'UTC')
    AND TimeUnix < fromUnixTimestamp64Milli({toMs:Int64} + 1, 'UTC')
    AND /*filter*/ true
)
GROUP BY name, unit, kind, monotonic, node, service, serviceNamespace, serviceInstance, attributes
LIMIT {limit:UInt64}
