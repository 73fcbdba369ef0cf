-- Every sample of one node in a short range, oldest first.
SELECT timestamp, node, name, kind, value, unit, attributes, histogram, monotonic, deltaSince
FROM (
  SELECT
    TimeUnix,
    concat(replaceOne(toString(TimeUnix, 'UTC'), ' ', 'T'), 'Z') AS timestamp,
    Node AS node,
    MetricName AS name,
    'gauge' AS kind,
    Value AS value,
    MetricUnit AS unit,
    Attributes AS attributes,
    '' AS histogram,
    0 AS monotonic,
    '' AS deltaSince
  FROM otel_metrics_gauge
  WHERE Node = {node:String}
    AND TimeUnix >= fromUnixTimestamp64Milli({fromMs:Int64}, 'UTC')
    AND TimeUnix < fromUnixTimestamp64Milli({untilMs:Int64}, 'UTC')
  UNION ALL
  SELECT
    TimeUnix,
    concat(replaceOne(toString(TimeUnix, 'UTC'), ' ', 'T'), 'Z') AS timestamp,
    Node AS node,
    MetricName AS name,
    'sum' AS kind,
    Value AS value,
    MetricUnit AS unit,
    Attributes AS attributes,
    '' AS histogram,
    toUInt8(IsMonotonic) AS monotonic,
    if(AggregationTemporality = 1, concat(replaceOne(toString(StartTimeUnix, 'UTC'), ' ', 'T'), 'Z'), '') AS deltaSince
  FROM otel_metrics_sum
  WHERE Node = {node:String}
    AND TimeUnix >= fromUnixTimestamp64Milli({fromMs:Int64}, 'UTC')
    AND TimeUnix < fromUnixTimestamp64Milli({untilMs:Int64}, 'UTC')
  UNION ALL
  SELECT
    TimeUnix,
    concat(replaceOne(toString(TimeUnix, 'UTC'), ' ', 'T'), 'Z') AS timestamp,
    Node AS node,
    MetricName AS name,
    'histogram' AS kind,
    Sum AS value,
    MetricUnit AS unit,
    Attributes AS attributes,
    concat('{"count":', toString(Count), ',"bounds":[', arrayStringConcat(ExplicitBounds, ','), '],"counts":[', arrayStringConcat(BucketCounts, ','), ']}') AS histogram,
    1 AS monotonic,
    if(AggregationTemporality = 1, concat(replaceOne(toString(StartTimeUnix, 'UTC'), ' ', 'T'), 'Z'), '') AS deltaSince
  FROM otel_metrics_histogram
  WHERE Node = {node:String}
    AND TimeUnix >= fromUnixTimestamp64Milli({fromMs:Int64}, 'UTC')
    AND TimeUnix < fromUnixTimestamp64Milli({untilMs:Int64}, 'UTC')
)
ORDER BY TimeUnix, name
