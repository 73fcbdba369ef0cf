-- One page of a metric's samples behind a place in their order, oldest first, as they were recorded; the marks are where
-- the same page before a place differs. Of a distribution: how many
-- values, their sum, and as buckets their upper bounds and counts (of a summary: quantiles and their values).
SELECT
  concat(replaceOne(toString(TimeUnix, 'UTC'), ' ', 'T'), 'Z') AS timestamp,
  toString(toUnixTimestamp64Nano(TimeUnix)) AS unixNano,
  toString(Node) AS node,
  toString(tie) AS tieText,
  Value AS value,
  MetricUnit AS unit,
  Attributes AS attributes,
  kind,
  distribution.1 AS observations,
  distribution.2 AS total,
  distribution.3 AS bounds,
  distribution.4 AS counts
FROM (
    SELECT
      TimeUnix,
      Node,
      Value AS Value,
      MetricUnit,
      Attributes,
      tuple(toUInt64(0), toFloat64(0), CAST([], 'Array(Float64)'), CAST([], 'Array(Float64)')) AS distribution,
      cityHash64(Attributes, ServiceName, ScopeName, ResourceAttributes, Value) AS tie,
      'gauge' AS kind
    FROM otel_metrics_gauge
    WHERE MetricName = {name:String}
      AND TimeUnix >= fromUnixTimestamp64Nano({since:Int64}, 'UTC')
      AND TimeUnix < fromUnixTimestamp64Nano({until:Int64}, 'UTC')
      AND ({node:String} = '' OR Node = {node:String})
    UNION ALL
    SELECT
      TimeUnix,
      Node,
      Value AS Value,
      MetricUnit,
      Attributes,
      tuple(toUInt64(0), toFloat64(0), CAST([], 'Array(Float64)'), CAST([], 'Array(Float64)')) AS distribution,
      cityHash64(Attributes, ServiceName, ScopeName, ResourceAttributes, Value) AS tie,
      'sum' AS kind
    FROM otel_metrics_sum
    WHERE MetricName = {name:String}
      AND TimeUnix >= fromUnixTimestamp64Nano({since:Int64}, 'UTC')
      AND TimeUnix < fromUnixTimestamp64Nano({until:Int64}, 'UTC')
      AND ({node:String} = '' OR Node = {node:String})
    UNION ALL
    SELECT
      TimeUnix,
      Node,
      if(Count = 0, 0, Sum / Count) AS Value,
      MetricUnit,
      Attributes,
      tuple(Count, Sum, arrayConcat(ExplicitBounds, [toFloat64(inf)]), arrayMap(n -> toFloat64(n), BucketCounts)) AS distribution,
      cityHash64(Attributes, ServiceName, ScopeName, ResourceAttributes, Value) AS tie,
      'histogram' AS kind
    FROM otel_metrics_histogram
    WHERE MetricName = {name:String}
      AND TimeUnix >= fromUnixTimestamp64Nano({since:Int64}, 'UTC')
      AND TimeUnix < fromUnixTimestamp64Nano({until:Int64}, 'UTC')
      AND ({node:String} = '' OR Node = {node:String})
    UNION ALL
    SELECT
      TimeUnix,
      Node,
      if(Count = 0, 0, Sum / Count) AS Value,
      MetricUnit,
      Attributes,
      tuple(Count, Sum, arrayConcat(
          arrayMap(i -> -exp2((NegativeOffset + i) * exp2(-Scale)), range(if(empty(NegativeBucketCounts), 0, toUInt32(length(NegativeBucketCounts) + 1)))),
          [0.],
          arrayMap(i -> exp2((PositiveOffset + i) * exp2(-Scale)), range(if(empty(PositiveBucketCounts), 0, toUInt32(length(PositiveBucketCounts) + 1))))
        ), arrayMap(n -> toFloat64(n), arrayConcat(NegativeBucketCounts, arrayResize([toUInt64(0)], toUInt32(notEmpty(NegativeBucketCounts))), [ZeroCount], arrayResize([toUInt64(0)], toUInt32(notEmpty(PositiveBucketCounts))), PositiveBucketCounts))) AS distribution,
      cityHash64(Attributes, ServiceName, ScopeName, ResourceAttributes, Value) AS tie,
      'exponential-histogram' AS kind
    FROM otel_metrics_exponential_histogram
    WHERE MetricName = {name:String}
      AND TimeUnix >= fromUnixTimestamp64Nano({since:Int64}, 'UTC')
      AND TimeUnix < fromUnixTimestamp64Nano({until:Int64}, 'UTC')
      AND ({node:String} = '' OR Node = {node:String})
    UNION ALL
    SELECT
      TimeUnix,
      Node,
      if(Count = 0, 0, Sum / Count) AS Value,
      MetricUnit,
      Attributes,
      tuple(Count, Sum, `ValueAtQuantiles.Quantile`, `ValueAtQuantiles.Value`) AS distribution,
      cityHash64(Attributes, ServiceName, ScopeName, ResourceAttributes, Value) AS tie,
      'summary' AS kind
    FROM otel_metrics_summary
    WHERE MetricName = {name:String}
      AND TimeUnix >= fromUnixTimestamp64Nano({since:Int64}, 'UTC')
      AND TimeUnix < fromUnixTimestamp64Nano({until:Int64}, 'UTC')
      AND ({node:String} = '' OR Node = {node:String})
)
WHERE (toUnixTimestamp64Nano(TimeUnix), toString(Node), tie) /*before*/ > ({placeNano:Int64}, {placeNode:String}, {placeTie:UInt64})
ORDER BY TimeUnix /*falling*/, toString(Node) /*falling*/, tie /*falling*/
LIMIT {limit:UInt32} OFFSET {offset:UInt32}
