-- As metric-rate.sql, for steps that are whole slots. A slot of a rollup is one link of the chain: it brings what was
-- counted within it, and what lies between it and the link before is counted here; a raw sample is a link of no length.
WITH (
  SELECT intDiv(toUnixTimestamp(argMax(CompleteBefore, Through)), {slotSeconds:UInt32}) * {slotSeconds:UInt32} FROM rollup_progress
) AS rolledUntil
SELECT bucketUnixMs, labels, any(unit) AS metricUnit, sum(seriesRate) AS value
FROM (
  SELECT
    intDiv(startUnixMs, {stepMs:UInt64}) * {stepMs:UInt64} AS bucketUnixMs,
    labels,
    Series,
    any(MetricUnit) AS unit,
    sum(increase) / sum(seconds) AS seriesRate
  FROM (
    SELECT
      startUnixMs,
      labels,
      Series,
      MetricUnit,
      lagInFrame(LastTime) OVER earlier AS previousTime,
      lagInFrame(Last) OVER earlier AS previousValue,
      AggregationTemporality != 1 AND row_number() OVER earlier > 1 AS linked,
      Seconds + if(linked, (toUnixTimestamp64Nano(FirstTime) - toUnixTimestamp64Nano(previousTime)) / 1e9, 0) AS seconds,
      Increase
        + multiIf(NOT linked, 0, IsMonotonic AND First < previousValue, First, First - previousValue) AS increase
    FROM (
      SELECT
        *,
        arrayMap(
          name -> multiIf(
            name = 'node', Node,
            name IN ('service', 'service.name'), ServiceName,
            Attributes[name] != '', Attributes[name],
            ResourceAttributes[name]
          ),
          {by:Array(String)}
        ) AS labels
      FROM (
        SELECT
          toInt64(toUnixTimestamp(Slot)) * 1000 AS startUnixMs,
          toString(Node) AS Node, toString(ServiceName) AS ServiceName, ResourceAttributes, Attributes,
          toString(MetricUnit) AS MetricUnit,
          Series, First, FirstTime, Last, LastTime, AggregationTemporality, IsMonotonic, Increase, Seconds
        FROM {rollup:Identifier} FINAL
        WHERE MetricName = {name:String}
          AND Kind = 'sum'
          AND Slot >= fromUnixTimestamp64Milli({lookBackMs:Int64}, 'UTC')
          AND Slot < fromUnixTimestamp64Milli({untilMs:Int64}, 'UTC')
          AND Slot < toDateTime(toUInt32(rolledUntil), 'UTC')
        UNION ALL
        SELECT
          toUnixTimestamp64Milli(TimeUnix) AS startUnixMs,
          toString(Node), toString(ServiceName), ResourceAttributes, Attributes, toString(MetricUnit),
          cityHash64(Node, ServiceName, ScopeName, Attributes, if(Epoch = '', cityHash64(ResourceAttributes), 0)),
          Value, TimeUnix, Value, TimeUnix, AggregationTemporality, IsMonotonic,
          if(AggregationTemporality = 1, Value, 0),
          if(AggregationTemporality = 1, (toUnixTimestamp64Nano(TimeUnix) - toUnixTimestamp64Nano(StartTimeUnix)) / 1e9, 0)
        FROM otel_metrics_sum
        WHERE MetricName = {name:String}
          AND TimeUnix >= fromUnixTimestamp64Milli(greatest({lookBackMs:Int64}, toInt64(rolledUntil) * 1000), 'UTC')
          AND TimeUnix < fromUnixTimestamp64Milli({untilMs:Int64}, 'UTC')
      )
      WHERE ({node:String} = '' OR Node = {node:String})
        AND arrayAll((name, wanted) -> Attributes[name] = wanted, {whereNames:Array(String)}, {whereValues:Array(String)})
    )
    WINDOW earlier AS (PARTITION BY Series ORDER BY FirstTime ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)
  )
  WHERE seconds > 0 AND startUnixMs >= {sinceMs:Int64}
  GROUP BY bucketUnixMs, labels, Series
)
GROUP BY bucketUnixMs, labels
ORDER BY labels, bucketUnixMs
LIMIT {limit:UInt32}
