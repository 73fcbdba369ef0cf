-- Gauges and sums in slots of an hour, made of the rows of five minutes; see metric_rollup_5m.sql.
CREATE TABLE IF NOT EXISTS metric_rollup_1h
(
    MetricName LowCardinality(String),
    Node LowCardinality(String),
    -- The hash that metric-series.sql tells series apart by; Resource keeps what a restart changes apart.
    Series UInt64 CODEC(ZSTD(3)),
    Resource UInt64 CODEC(ZSTD(3)),
    Kind Enum8('gauge' = 1, 'sum' = 2),
    Slot DateTime('UTC') CODEC(DoubleDelta, ZSTD(3)),
    ServiceName LowCardinality(String),
    MetricUnit LowCardinality(String),
    ResourceAttributes Map(LowCardinality(String), String) CODEC(ZSTD(3)),
    Attributes Map(LowCardinality(String), String) CODEC(ZSTD(3)),
    Count UInt64 CODEC(T64, ZSTD(3)),
    Sum Float64 CODEC(ZSTD(3)),
    Min Float64 CODEC(ZSTD(3)),
    Max Float64 CODEC(ZSTD(3)),
    First Float64 CODEC(ZSTD(3)),
    FirstTime DateTime64(9, 'UTC') CODEC(DoubleDelta, ZSTD(3)),
    Last Float64 CODEC(ZSTD(3)),
    LastTime DateTime64(9, 'UTC') CODEC(DoubleDelta, ZSTD(3)),
    -- Of sums: what was counted within the slot, resets taken into account, and in how many seconds.
    AggregationTemporality Int32 CODEC(ZSTD(3)),
    IsMonotonic Bool CODEC(ZSTD(3)),
    Increase Float64 CODEC(ZSTD(3)),
    Seconds Float64 CODEC(ZSTD(3))
)
ENGINE = ReplacingMergeTree(Count)
PARTITION BY toMonday(Slot)
ORDER BY (MetricName, Node, Series, Resource, Kind, Slot)
SETTINGS
    min_bytes_for_wide_part = 67108864,
    -- Lengths of strings as a stream of their own are eight bytes each, which ZSTD packs badly where they repeat: the
    -- resource of a sample took 4.3 bytes with it and 0.1 without.
    string_serialization_version = 'single_stream',
    fsync_after_insert = 1,
    fsync_part_directory = 1
