-- What histograms, exponential histograms and summaries observed per step and group: how many values, their sum, how
-- many a second, and how many in each bucket (upper bounds and counts). A cumulative series is the difference between
-- a sample and the one before; one that fell was reset and has observed everything since, as has one that began within
-- the time that is looked at. Buckets whose layout changed between two samples tell nothing of the time between them.
SELECT
  bucketUnixMs,
  labels,
  any(unit) AS metricUnit,
  sum(seriesObservations) AS observations,
  sum(seriesTotal) AS total,
  sum(seriesRate) AS rate,
  sumMap(seriesBuckets.1, seriesBuckets.2) AS buckets,
  groupUniqArrayArray(seriesBounds) AS bounds
FROM (
  SELECT
    intDiv(toUnixTimestamp64Milli(TimeUnix), {stepMs:UInt64}) * {stepMs:UInt64} AS bucketUnixMs,
    labels,
    series,
    any(MetricUnit) AS unit,
    sum(observations - if(whole, 0, previousObservations)) AS seriesObservations,
    sum(total - if(whole, 0, previousTotal)) AS seriesTotal,
    seriesObservations / sum(seconds) AS seriesRate,
    sumMap(
      multiIf(whole, bounds, layout = previousLayout, arrayConcat(bounds, previousBounds), []),
      multiIf(whole, counts, layout = previousLayout, arrayConcat(counts, arrayMap(n -> -n, previousCounts)), [])
    ) AS seriesBuckets,
    -- sumMap leaves out what adds up to 0, and where such a bucket ends the next begins.
    groupUniqArrayArray(bounds) AS seriesBounds
  FROM (
    SELECT
      TimeUnix, StartTimeUnix, labels, series, MetricUnit, temporality, observations, total, bounds, counts, layout,
      lagInFrame(observations) OVER earlier AS previousObservations,
      lagInFrame(total) OVER earlier AS previousTotal,
      lagInFrame(bounds) OVER earlier AS previousBounds,
      lagInFrame(counts) OVER earlier AS previousCounts,
      lagInFrame(layout) OVER earlier AS previousLayout,
      row_number() OVER earlier AS position,
      lagInFrame(TimeUnix) OVER earlier AS previousTime,
      position = 1 AND StartTimeUnix >= fromUnixTimestamp64Milli({lookBackMs:Int64}, 'UTC') AS begun,
      temporality = 1 OR begun OR observations < previousObservations AS whole,
      (toUnixTimestamp64Nano(TimeUnix) - toUnixTimestamp64Nano(if(temporality = 1 OR begun, StartTimeUnix, previousTime))) / 1e9 AS seconds
    FROM (
      SELECT
        TimeUnix,
        StartTimeUnix,
        MetricUnit,
        AggregationTemporality AS temporality,
        toInt64(Count) AS observations,
        Sum AS total,
        arrayConcat(ExplicitBounds, [toFloat64(inf)]) AS bounds,
        arrayMap(n -> toInt64(n), BucketCounts) AS counts,
        cityHash64(ExplicitBounds) AS layout,
        cityHash64(Node, ServiceName, ScopeName, Attributes, if(Epoch = '', cityHash64(ResourceAttributes), 0)) AS series,
        arrayMap(
          name -> multiIf(
            name = 'node', toString(Node),
            name IN ('service', 'service.name'), toString(ServiceName),
            Attributes[name] != '', Attributes[name],
            ResourceAttributes[name]
          ),
          {by:Array(String)}
        ) AS labels
      FROM otel_metrics_histogram
      WHERE MetricName = {name:String}
        AND TimeUnix >= fromUnixTimestamp64Milli({lookBackMs:Int64}, 'UTC')
        AND TimeUnix < fromUnixTimestamp64Milli({untilMs:Int64}, 'UTC')
        AND ({node:String} = '' OR Node = {node:String})
        AND arrayAll((name, wanted) -> Attributes[name] = wanted, {whereNames:Array(String)}, {whereValues:Array(String)})
      UNION ALL
      SELECT
        TimeUnix,
        StartTimeUnix,
        MetricUnit,
        AggregationTemporality AS temporality,
        toInt64(Count) AS observations,
        Sum AS total,
        arrayConcat(
          arrayMap(i -> -exp2((NegativeOffset + i) * exp2(-Scale)), range(if(empty(NegativeBucketCounts), 0, toUInt32(length(NegativeBucketCounts) + 1)))),
          [0.],
          arrayMap(i -> exp2((PositiveOffset + i) * exp2(-Scale)), range(if(empty(PositiveBucketCounts), 0, toUInt32(length(PositiveBucketCounts) + 1))))
        ) AS bounds,
        arrayMap(n -> toInt64(n), arrayConcat(NegativeBucketCounts, arrayResize([toUInt64(0)], toUInt32(notEmpty(NegativeBucketCounts))), [ZeroCount], arrayResize([toUInt64(0)], toUInt32(notEmpty(PositiveBucketCounts))), PositiveBucketCounts)) AS counts,
        cityHash64(Scale) AS layout,
        cityHash64(Node, ServiceName, ScopeName, Attributes, if(Epoch = '', cityHash64(ResourceAttributes), 0)) AS series,
        arrayMap(
          name -> multiIf(
            name = 'node', toString(Node),
            name IN ('service', 'service.name'), toString(ServiceName),
            Attributes[name] != '', Attributes[name],
            ResourceAttributes[name]
          ),
          {by:Array(String)}
        ) AS labels
      FROM otel_metrics_exponential_histogram
      WHERE MetricName = {name:String}
        AND TimeUnix >= fromUnixTimestamp64Milli({lookBackMs:Int64}, 'UTC')
        AND TimeUnix < fromUnixTimestamp64Milli({untilMs:Int64}, 'UTC')
        AND ({node:String} = '' OR Node = {node:String})
        AND arrayAll((name, wanted) -> Attributes[name] = wanted, {whereNames:Array(String)}, {whereValues:Array(String)})
      UNION ALL
      SELECT
        TimeUnix,
        StartTimeUnix,
        MetricUnit,
        2 AS temporality,
        toInt64(Count) AS observations,
        Sum AS total,
        CAST([], 'Array(Float64)') AS bounds,
        CAST([], 'Array(Int64)') AS counts,
        toUInt64(0) AS layout,
        cityHash64(Node, ServiceName, ScopeName, Attributes, if(Epoch = '', cityHash64(ResourceAttributes), 0)) AS series,
        arrayMap(
          name -> multiIf(
            name = 'node', toString(Node),
            name IN ('service', 'service.name'), toString(ServiceName),
            Attributes[name] != '', Attributes[name],
            ResourceAttributes[name]
          ),
          {by:Array(String)}
        ) AS labels
      FROM otel_metrics_summary
      WHERE MetricName = {name:String}
        AND TimeUnix >= fromUnixTimestamp64Milli({lookBackMs:Int64}, 'UTC')
        AND TimeUnix < fromUnixTimestamp64Milli({untilMs:Int64}, 'UTC')
        AND ({node:String} = '' OR Node = {node:String})
        AND arrayAll((name, wanted) -> Attributes[name] = wanted, {whereNames:Array(String)}, {whereValues:Array(String)})
    )
    WINDOW earlier AS (PARTITION BY series ORDER BY TimeUnix ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)
  )
  WHERE (temporality = 1 OR begun OR position > 1) AND seconds > 0 AND TimeUnix >= fromUnixTimestamp64Milli({sinceMs:Int64}, 'UTC')
  GROUP BY bucketUnixMs, labels, series
)
GROUP BY bucketUnixMs, labels
ORDER BY labels, bucketUnixMs
LIMIT {limit:UInt32}
