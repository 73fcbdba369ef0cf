INSERT INTO metric_rollup_1h
(
    MetricName, Node, Series, Resource, Kind, Slot, ServiceName, MetricUnit, ResourceAttributes, Attributes,
    Count, Sum, Min, Max, First, FirstTime, Last, LastTime, AggregationTemporality, IsMonotonic, Increase, Seconds
)
SELECT
    MetricName,
    Node,
    Series,
    Resource,
    Kind,
    toStartOfHour(Slot) AS Hour,
    any(ServiceName),
    any(MetricUnit),
    any(ResourceAttributes),
    any(Attributes),
    sum(Count),
    sum(Sum),
    min(Min),
    max(Max),
    argMin(First, FirstTime),
    min(FirstTime),
    argMax(Last, LastTime),
    max(LastTime),
    any(AggregationTemporality) AS Temporality,
    any(IsMonotonic) AS Monotonic,
    -- What was counted within the slots, and between the last sample of each and the first of the next.
    sum(Increase) + if(
        Temporality = 1,
        0,
        arraySum(
            (next, before) -> if(Monotonic AND next.2 < before.3, next.2, next.2 - before.3),
            arrayPopFront(arraySort(groupArray((FirstTime, First, Last))) AS parts),
            arrayPopBack(parts)
        )
    ),
    if(
        Temporality = 1,
        sum(Seconds),
        (toUnixTimestamp64Nano(max(LastTime)) - toUnixTimestamp64Nano(min(FirstTime))) / 1e9
    )
FROM metric_rollup_5m FINAL
WHERE Slot >= toDateTime({from:UInt32}, 'UTC')
    AND Slot < toDateTime({until:UInt32}, 'UTC')
    AND toUnixTimestamp(toStartOfHour(Slot)) IN {hours:Array(UInt32)}
GROUP BY MetricName, Node, Series, Resource, Kind, Hour
SETTINGS do_not_merge_across_partitions_select_final = 1
