-- Samples of one node in a range that other bundles have brought, to leave out what two bundles both hold.
SELECT toString(toUnixTimestamp64Nano(TimeUnix)) AS unixNano, MetricName AS name, Attributes AS attributes
FROM
(
  SELECT TimeUnix, MetricName, Attributes, Node, Epoch FROM otel_metrics_gauge
  UNION ALL
  SELECT TimeUnix, MetricName, Attributes, Node, Epoch FROM otel_metrics_sum
  UNION ALL
  SELECT TimeUnix, MetricName, Attributes, Node, Epoch FROM otel_metrics_histogram
)
WHERE Node = {node:String}
  AND TimeUnix >= fromUnixTimestamp64Nano({first:Int64}, 'UTC')
  AND TimeUnix <= fromUnixTimestamp64Nano({last:Int64}, 'UTC')
  AND Epoch != {epoch:String}
