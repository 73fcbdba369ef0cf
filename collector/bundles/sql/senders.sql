SELECT DISTINCT node
FROM
(
    SELECT DISTINCT Node AS node
    FROM otel_logs
    WHERE startsWith(Node, {prefix:String})
        AND Timestamp >= fromUnixTimestamp64Milli({fromMs:Int64}) AND Timestamp < fromUnixTimestamp64Milli({untilMs:Int64})
    UNION ALL
    SELECT DISTINCT Node AS node
    FROM otel_metrics_gauge
    WHERE startsWith(Node, {prefix:String})
        AND TimeUnix >= fromUnixTimestamp64Milli({fromMs:Int64}) AND TimeUnix < fromUnixTimestamp64Milli({untilMs:Int64})
    UNION ALL
    SELECT DISTINCT Node AS node
    FROM otel_metrics_sum
    WHERE startsWith(Node, {prefix:String})
        AND TimeUnix >= fromUnixTimestamp64Milli({fromMs:Int64}) AND TimeUnix < fromUnixTimestamp64Milli({untilMs:Int64})
)
ORDER BY node
LIMIT {limit:UInt32}
