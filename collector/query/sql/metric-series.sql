-- Samples of one metric per step and group. Each series first gives one value per step; the values of a group's series
-- are then put together. What our own agents say of their resource is no part of a series: it changes with each start.
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
    intDiv(toUnixTimestamp64Milli(TimeUnix), {stepMs:UInt64}) * {stepMs:UInt64} AS bucketUnixMs,
    arrayMap(
      name -> multiIf(
        name = 'node', toString(Node),
        name IN ('service', 'service.name'), toString(ServiceName),
        Attributes[name] != '', Attributes[name],
        ResourceAttributes[name]
      ),
      {by:Array(String)}
    ) AS labels,
    cityHash64(Node, ServiceName, ScopeName, Attributes, if(Epoch = '', cityHash64(ResourceAttributes), 0)) AS series,
    any(MetricUnit) AS unit,
    avg(Value) AS seriesAverage,
    min(Value) AS seriesMin,
    max(Value) AS seriesMax,
    argMax(Value, TimeUnix) AS seriesLast,
    max(TimeUnix) AS lastTime
  FROM (
    SELECT TimeUnix, Node, ServiceName, ScopeName, Epoch, ResourceAttributes, Attributes, MetricUnit, Value
    FROM otel_metrics_gauge
    WHERE MetricName = {name:String}
      AND TimeUnix >= fromUnixTimestamp64Milli({sinceMs:Int64}, 'UTC')
      AND TimeUnix < fromUnixTimestamp64Milli({untilMs:Int64}, 'UTC')
    UNION ALL
    SELECT TimeUnix, Node, ServiceName, ScopeName, Epoch, ResourceAttributes, Attributes, MetricUnit, Value
    FROM otel_metrics_sum
    WHERE MetricName = {name:String}
      AND TimeUnix >= fromUnixTimestamp64Milli({sinceMs:Int64}, 'UTC')
      AND TimeUnix < fromUnixTimestamp64Milli({untilMs:Int64}, 'UTC')
  )
  WHERE ({node:String} = '' OR Node = {node:String})
    AND arrayAll((name, wanted) -> Attributes[name] = wanted, {whereNames:Array(String)}, {whereValues:Array(String)})
  GROUP BY bucketUnixMs, labels, series
)
GROUP BY bucketUnixMs, labels
ORDER BY labels, bucketUnixMs
LIMIT {limit:UInt32}
