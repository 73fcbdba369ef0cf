-- As samples-gauge.sql, of cumulative histograms: how many values lie at or below each bound, their count or their sum.
SELECT
  any(MetricName) AS name, any(MetricUnit) AS unit, 'histogram' AS kind, any(isMonotonic) AS monotonic,
  any(Node) AS node, any(ServiceName) AS service, any(namespace) AS serviceNamespace, any(instance) AS serviceInstance,
  any(Attributes) AS attributes, toString(bound) AS boundText,
  groupArray(newestMs) AS times, groupArray(newestValue) AS samples, groupArray(newestEnded) AS ends
FROM (
  SELECT
    series, bound,
    any(MetricName) AS MetricName, any(MetricUnit) AS MetricUnit, any(isMonotonic) AS isMonotonic,
    any(Node) AS Node, any(ServiceName) AS ServiceName, any(namespace) AS namespace, any(instance) AS instance,
    any(Attributes) AS Attributes,
    toFloat64(max(ms)) AS newestMs, argMax(value, TimeUnix) AS newestValue, argMax(ended, TimeUnix) AS newestEnded
  FROM (
    SELECT
      cityHash64(MetricName, MetricUnit, toUInt8(1), Node, ServiceName, ScopeName, Attributes, if(Epoch = '', cityHash64(ResourceAttributes), 0)) AS series,
      MetricName, MetricUnit, toUInt8(1) AS isMonotonic, Node, ServiceName, Attributes, TimeUnix,
      ResourceAttributes['service.namespace'] AS namespace,
      if(position(Node, ':') > 0, ResourceAttributes['service.instance.id'], '') AS instance,
      toUnixTimestamp64Milli(TimeUnix) AS ms,
      greatest(0, intDiv(ms - {startMs:Int64} + {stepMs:Int64} - 1, {stepMs:Int64})) AS look,
      bitAnd(Flags, 1) AS ended,
      arrayJoin(multiIf(
        {part:String} = 'count', [(toFloat64(0), toFloat64(Count))],
        {part:String} = 'sum', [(toFloat64(0), Sum)],
        arrayZip(
          arrayConcat(ExplicitBounds, [toFloat64(inf)]),
          arrayMap(n -> toFloat64(n), arrayConcat(arrayResize(arrayCumSum(BucketCounts), length(ExplicitBounds)), [Count]))
        )
      )) AS point,
      point.1 AS bound,
      point.2 AS value
    FROM otel_metrics_histogram
    WHERE MetricName IN {names:Array(String)}
      AND TimeUnix >= fromUnixTimestamp64Milli({fromMs:Int64}, 'UTC')
      AND TimeUnix < fromUnixTimestamp64Milli({toMs:Int64} + 1, 'UTC')
      AND {startMs:Int64} + look * {stepMs:Int64} - ms < {windowMs:Int64}
      AND ({newestOnly:UInt8} = 1 OR ended = 0)
      AND AggregationTemporality != 1
      AND /*filter*/ true
  )
  GROUP BY series, bound, if({newestOnly:UInt8} = 1, look, ms)
  LIMIT {limit:UInt64}
)
GROUP BY series, bound
