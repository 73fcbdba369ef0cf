-- Gauges and sums in slots of an hour, made of the rows of five minutes; see metric_rollup_5m.sql.
CREATE TABLE IF NOT EXISTS metric_rollup_1h
(
    MetricName LowCardinality(String),
    Node LowCardinality(String),
    -- The hash that metric-series.sql tells series apart by; Resource keeps what a restart changes apart.
    Series UInt64 CODEC(ZSTD(1)),
    Resource UInt64 CODEC(ZSTD(1)),
    Kind Enum8('gauge' = 1, 'sum' = 2),
    Slot DateTime('UTC') CODEC(DoubleDelta, ZSTD(1)),
    ServiceName LowCardinality(String),
    MetricUnit LowCardinality(String),
    ResourceAttributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    Attributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    Count UInt64 CODEC(T64, ZSTD(1)),
    Sum Float64 CODEC(ZSTD(1)),
    Min Float64 CODEC(ZSTD(1)),
    Max Float64 CODEC(ZSTD(1)),
    First Float64 CODEC(ZSTD(1)),
    FirstTime DateTime64(9, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    Last Float64 CODEC(ZSTD(1)),
    LastTime DateTime64(9, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    -- Of sums: what was counted within the slot, resets taken into account, and in how many seconds.
    AggregationTemporality Int32 CODEC(ZSTD(1)),
    IsMonotonic Bool CODEC(ZSTD(1)),
    Increase Float64 CODEC(ZSTD(1)),
    Seconds Float64 CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree(Count)
PARTITION BY toMonday(Slot)
ORDER BY (MetricName, Node, Series, Resource, Kind, Slot)
SETTINGS
    min_bytes_for_wide_part = 67108864,
    fsync_after_insert = 1,
    fsync_part_directory = 1
