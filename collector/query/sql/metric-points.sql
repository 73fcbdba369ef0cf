-- The newest samples of one metric, oldest of them first.
SELECT timestamp, node, value, unit, attributes
FROM (
  SELECT
    TimeUnix,
    concat(replaceOne(toString(TimeUnix, 'UTC'), ' ', 'T'), 'Z') AS timestamp,
    Node AS node,
    Value AS value,
    MetricUnit AS unit,
    Attributes AS attributes,
    cityHash64(Attributes, ServiceName) AS tie
  FROM (
    SELECT TimeUnix, Node, Value, MetricUnit, Attributes, ServiceName
    FROM otel_metrics_gauge
    WHERE MetricName = {name:String}
      AND TimeUnix >= fromUnixTimestamp64Nano({since:Int64}, 'UTC')
      AND TimeUnix < fromUnixTimestamp64Nano({until:Int64}, 'UTC')
      AND ({node:String} = '' OR Node = {node:String})
    UNION ALL
    SELECT TimeUnix, Node, Value, MetricUnit, Attributes, ServiceName
    FROM otel_metrics_sum
    WHERE MetricName = {name:String}
      AND TimeUnix >= fromUnixTimestamp64Nano({since:Int64}, 'UTC')
      AND TimeUnix < fromUnixTimestamp64Nano({until:Int64}, 'UTC')
      AND ({node:String} = '' OR Node = {node:String})
  )
  ORDER BY TimeUnix DESC, Node DESC, tie DESC
  LIMIT {limit:UInt32}
)
ORDER BY TimeUnix, node, tie
