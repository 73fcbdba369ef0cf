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
    'sum',
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
    any(AggregationTemporality) AS Temporality,
    any(IsMonotonic) AS Monotonic,
    -- As metric-rate.sql counts: a delta is its own increase; a cumulative counter that falls was reset.
    if(
        Temporality = 1,
        sum(Value),
        arraySum(
            (now, before) -> if(Monotonic AND now.2 < before.2, now.2, now.2 - before.2),
            arrayPopFront(arraySort(groupArray((TimeUnix, Value))) AS samples),
            arrayPopBack(samples)
        )
    ),
    if(
        Temporality = 1,
        sum(toUnixTimestamp64Nano(TimeUnix) - toUnixTimestamp64Nano(StartTimeUnix)) / 1e9,
        (toUnixTimestamp64Nano(max(TimeUnix)) - toUnixTimestamp64Nano(min(TimeUnix))) / 1e9
    )
FROM otel_metrics_sum
WHERE TimeUnix >= toDateTime({from:UInt32}, 'UTC')
    AND TimeUnix < toDateTime({until:UInt32}, 'UTC')
    AND toUnixTimestamp(toStartOfFiveMinutes(TimeUnix)) IN {slots:Array(UInt32)}
GROUP BY MetricName, Series, Resource, Slot
