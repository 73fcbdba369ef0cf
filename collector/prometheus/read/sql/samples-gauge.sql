-- Samples of gauges in the windows that end at start, start + step, …; with newestOnly the newest of each window.
-- What our own agents say of their resource is no part of a series: it changes with each start.
SELECT
  any(MetricName) AS name, any(MetricUnit) AS unit, 'gauge' AS kind, any(isMonotonic) AS monotonic,
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
      cityHash64(MetricName, MetricUnit, toUInt8(0), Node, ServiceName, ScopeName, Attributes, if(Epoch = '', cityHash64(ResourceAttributes), 0)) AS series,
      MetricName, MetricUnit, toUInt8(0) AS isMonotonic, Node, ServiceName, Attributes, TimeUnix,
      ResourceAttributes['service.namespace'] AS namespace,
      if(position(Node, ':') > 0, ResourceAttributes['service.instance.id'], '') AS instance,
      toUnixTimestamp64Milli(TimeUnix) AS ms,
      greatest(0, intDiv(ms - {startMs:Int64} + {stepMs:Int64} - 1, {stepMs:Int64})) AS look,
      bitAnd(Flags, 1) AS ended,
      arrayJoin([(toFloat64(0), Value)]) AS point,
      point.1 AS bound,
      point.2 AS value
    FROM otel_metrics_gauge
    WHERE MetricName IN {names:Array(String)}
      AND TimeUnix >= fromUnixTimestamp64Milli({fromMs:Int64}, 'UTC')
      AND TimeUnix < fromUnixTimestamp64Milli({toMs:Int64} + 1, 'UTC')
      AND {startMs:Int64} + look * {stepMs:Int64} - ms < {windowMs:Int64}
      AND ({newestOnly:UInt8} = 1 OR ended = 0)
      AND /*filter*/ true
  )
  GROUP BY series, bound, if({newestOnly:UInt8} = 1, look, ms)
  LIMIT {limit:UInt64}
)
GROUP BY series, bound
