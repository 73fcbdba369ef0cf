INSERT INTO metric_rollup_5m
(
    MetricName, Node, Series, Resource, Kind, Slot, ServiceName, MetricUnit, ResourceAttributes, Attributes,
    Count, Sum, Min, Max, First, FirstTime, Last, LastTime, AggregationTemporality, IsMonotonic, Increase, Seconds
)
SELECT
    MetricName,
    any(Node),
    cityHash64(Node, ServiceName, ScopeName, Attributes, if(Epoch = '', cityHash64(ResourceAttributes), 0)) AS Series,
    cityHash64(ResourceAttributes) AS Resource,
    'gauge',
    toStartOfFiveMinutes(TimeUnix) AS Slot,
    any(ServiceName),
    any(MetricUnit),
    any(ResourceAttributes),
    any(Attributes),
    count(),
    sum(Value),
    min(Value),
    max(Value),
    argMin(Value, TimeUnix),
    min(TimeUnix),
    argMax(Value, TimeUnix),
    max(TimeUnix),
    0,
    false,
    0,
    0
FROM otel_metrics_gauge
WHERE TimeUnix >= toDateTime({from:UInt32}, 'UTC')
    AND TimeUnix < toDateTime({until:UInt32}, 'UTC')
    AND toUnixTimestamp(toStartOfFiveMinutes(TimeUnix)) IN {slots:Array(UInt32)}
GROUP BY MetricName, Series, Resource, Slot
