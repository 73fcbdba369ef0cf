-- Increase per second of a sum per step and group. A cumulative counter that falls was reset and has counted its whole
-- value since; the first sample of a series only tells where it stands. A start time that moved on is no sign of a
-- reset: an agent that restarts states a new one for counters that the system has kept since boot, and taking their
-- whole value would draw a peak that never was.
-- Samples from before the range give the first step something to start from.
SELECT bucketUnixMs, labels, any(unit) AS metricUnit, sum(seriesRate) AS value
FROM (
  SELECT
    intDiv(toUnixTimestamp64Milli(TimeUnix), {stepMs:UInt64}) * {stepMs:UInt64} AS bucketUnixMs,
    labels,
    series,
    any(MetricUnit) AS unit,
    sum(increase) / sum(seconds) AS seriesRate
  FROM (
    SELECT
      TimeUnix,
      labels,
      series,
      MetricUnit,
      lagInFrame(TimeUnix) OVER earlier AS previousTime,
      lagInFrame(Value) OVER earlier AS previousValue,
      row_number() OVER earlier AS position,
      (toUnixTimestamp64Nano(TimeUnix) - toUnixTimestamp64Nano(if(AggregationTemporality = 1, StartTimeUnix, previousTime))) / 1e9 AS seconds,
      multiIf(
        AggregationTemporality = 1, Value,
        IsMonotonic AND Value < previousValue, Value,
        Value - previousValue
      ) AS increase,
      AggregationTemporality = 1 OR position > 1 AS usable
    FROM (
      SELECT
        TimeUnix,
        StartTimeUnix,
        Value,
        MetricUnit,
        AggregationTemporality,
        IsMonotonic,
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
      FROM otel_metrics_sum
      WHERE MetricName = {name:String}
        AND TimeUnix >= fromUnixTimestamp64Milli({lookBackMs:Int64}, 'UTC')
        AND TimeUnix < fromUnixTimestamp64Milli({untilMs:Int64}, 'UTC')
        AND ({node:String} = '' OR Node = {node:String})
        AND arrayAll((name, wanted) -> Attributes[name] = wanted, {whereNames:Array(String)}, {whereValues:Array(String)})
    )
    WINDOW earlier AS (PARTITION BY series ORDER BY TimeUnix ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)
  )
  WHERE usable AND seconds > 0 AND TimeUnix >= fromUnixTimestamp64Milli({sinceMs:Int64}, 'UTC')
  GROUP BY bucketUnixMs, labels, series
)
GROUP BY bucketUnixMs, labels
ORDER BY labels, bucketUnixMs
LIMIT {limit:UInt32}
