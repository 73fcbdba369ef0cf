-- The last value of one quantile that summaries told per step, the highest of a group: quantiles cannot be put together.
SELECT bucketUnixMs, labels, any(unit) AS metricUnit, max(seriesLast) AS value
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
    argMax(`ValueAtQuantiles.Value`[indexOf(`ValueAtQuantiles.Quantile`, {quantile:Float64})], TimeUnix) AS seriesLast
  FROM otel_metrics_summary
  WHERE MetricName = {name:String}
    AND TimeUnix >= fromUnixTimestamp64Milli({sinceMs:Int64}, 'UTC')
    AND TimeUnix < fromUnixTimestamp64Milli({untilMs:Int64}, 'UTC')
    AND ({node:String} = '' OR Node = {node:String})
    AND arrayAll((name, wanted) -> Attributes[name] = wanted, {whereNames:Array(String)}, {whereValues:Array(String)})
    AND has(`ValueAtQuantiles.Quantile`, {quantile:Float64})
  GROUP BY bucketUnixMs, labels, series
)
GROUP BY bucketUnixMs, labels
ORDER BY labels, bucketUnixMs
LIMIT {limit:UInt32}
