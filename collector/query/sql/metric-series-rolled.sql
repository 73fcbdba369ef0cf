-- As metric-series.sql, for steps that are whole slots: closed slots from a rollup, what is newer from raw rows.
WITH (
  SELECT intDiv(toUnixTimestamp(argMax(CompleteBefore, Through)), {slotSeconds:UInt32}) * {slotSeconds:UInt32} FROM rollup_progress
) AS rolledUntil
SELECT
  bucketUnixMs,
  labels,
  any(unit) AS metricUnit,
  multiIf(
    {aggregation:String} = 'min', min(seriesMin),
    {aggregation:String} = 'max', max(seriesMax),
    {aggregation:String} = 'last', argMax(seriesLast, lastTime),
    {aggregation:String} = 'sum', sum(seriesAverage),
    avg(seriesAverage)
  ) AS value
FROM (
  SELECT
    intDiv(startUnixMs, {stepMs:UInt64}) * {stepMs:UInt64} AS bucketUnixMs,
    arrayMap(
      name -> multiIf(
        name = 'node', toString(Node),
        name IN ('service', 'service.name'), toString(ServiceName),
        Attributes[name] != '', Attributes[name],
        ResourceAttributes[name]
      ),
      {by:Array(String)}
    ) AS labels,
    Series AS series,
    any(MetricUnit) AS unit,
    sum(Total) / sum(Samples) AS seriesAverage,
    min(Lowest) AS seriesMin,
    max(Highest) AS seriesMax,
    argMax(Newest, NewestTime) AS seriesLast,
    max(NewestTime) AS lastTime
  FROM (
    SELECT
      toInt64(toUnixTimestamp(Slot)) * 1000 AS startUnixMs,
      toString(Node) AS Node, toString(ServiceName) AS ServiceName, ResourceAttributes, Attributes,
      toString(MetricUnit) AS MetricUnit,
      Series, Count AS Samples, Sum AS Total, Min AS Lowest, Max AS Highest, Last AS Newest, LastTime AS NewestTime
    FROM {rollup:Identifier} FINAL
    WHERE MetricName = {name:String}
      AND Slot >= fromUnixTimestamp64Milli({sinceMs:Int64}, 'UTC')
      AND Slot < fromUnixTimestamp64Milli({untilMs:Int64}, 'UTC')
      AND Slot < toDateTime(toUInt32(rolledUntil), 'UTC')
    UNION ALL
    SELECT
      toUnixTimestamp64Milli(TimeUnix) AS startUnixMs,
      toString(Node), toString(ServiceName), ResourceAttributes, Attributes, toString(MetricUnit),
      cityHash64(Node, ServiceName, ScopeName, Attributes, if(Epoch = '', cityHash64(ResourceAttributes), 0)) AS Series,
      toUInt64(1), Value, Value, Value, Value, TimeUnix
    FROM otel_metrics_gauge
    WHERE MetricName = {name:String}
      AND TimeUnix >= fromUnixTimestamp64Milli(greatest({sinceMs:Int64}, toInt64(rolledUntil) * 1000), 'UTC')
      AND TimeUnix < fromUnixTimestamp64Milli({untilMs:Int64}, 'UTC')
    UNION ALL
    SELECT
      toUnixTimestamp64Milli(TimeUnix) AS startUnixMs,
      toString(Node), toString(ServiceName), ResourceAttributes, Attributes, toString(MetricUnit),
      cityHash64(Node, ServiceName, ScopeName, Attributes, if(Epoch = '', cityHash64(ResourceAttributes), 0)) AS Series,
      toUInt64(1), Value, Value, Value, Value, TimeUnix
    FROM otel_metrics_sum
    WHERE MetricName = {name:String}
      AND TimeUnix >= fromUnixTimestamp64Milli(greatest({sinceMs:Int64}, toInt64(rolledUntil) * 1000), 'UTC')
      AND TimeUnix < fromUnixTimestamp64Milli({untilMs:Int64}, 'UTC')
  )
  WHERE ({node:String} = '' OR Node = {node:String})
    AND arrayAll((name, wanted) -> Attributes[name] = wanted, {whereNames:Array(String)}, {whereValues:Array(String)})
  GROUP BY bucketUnixMs, labels, series
)
GROUP BY bucketUnixMs, labels
ORDER BY labels, bucketUnixMs
LIMIT {limit:UInt32}
