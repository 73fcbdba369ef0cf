-- The OpenTelemetry ClickHouse exporter's table of summaries, and what the collector knows at the end.
CREATE TABLE IF NOT EXISTS otel_metrics_summary
(
    ResourceAttributes Map(LowCardinality(String), String) CODEC(ZSTD(3)),
    ResourceSchemaUrl String CODEC(ZSTD(3)),
    ScopeName String CODEC(ZSTD(3)),
    ScopeVersion String CODEC(ZSTD(3)),
    ScopeAttributes Map(LowCardinality(String), String) CODEC(ZSTD(3)),
    ScopeDroppedAttrCount UInt32 CODEC(ZSTD(3)),
    ScopeSchemaUrl String CODEC(ZSTD(3)),
    ServiceName LowCardinality(String) CODEC(ZSTD(3)),
    MetricName LowCardinality(String) CODEC(ZSTD(3)),
    MetricDescription LowCardinality(String) CODEC(ZSTD(3)),
    MetricUnit LowCardinality(String) CODEC(ZSTD(3)),
    Attributes Map(LowCardinality(String), String) CODEC(ZSTD(3)),
    StartTimeUnix DateTime64(9, 'UTC') CODEC(GCD, Delta(8), ZSTD(3)),
    TimeUnix DateTime64(9, 'UTC') CODEC(GCD, Delta(8), ZSTD(3)),
    Count UInt64 CODEC(Delta(8), ZSTD(3)),
    Sum Float64 CODEC(ZSTD(3)),
    ValueAtQuantiles Nested
    (
        Quantile Float64,
        Value Float64
    ) CODEC(ZSTD(3)),
    Flags UInt32 CODEC(ZSTD(3)),

    -- Proven by the sender's certificate; the rest of the line numbers its batch.
    Node LowCardinality(String) CODEC(ZSTD(3)),
    Stream LowCardinality(String) CODEC(ZSTD(3)),
    Epoch LowCardinality(String) CODEC(ZSTD(3)),
    Sequence UInt64 CODEC(Delta(8), ZSTD(3)),
    -- So many numbers right before Sequence carried no sample: a gap in numbers beyond them is a loss.
    EmptyBefore UInt64 CODEC(Delta(8), ZSTD(3)),
    ReceivedAt DateTime64(9, 'UTC') CODEC(GCD, Delta(8), ZSTD(3)),
    -- Number of the journal file that the row came from, so that a replay finds what is there already.
    JournalFile UInt64 CODEC(Delta(8), ZSTD(3)),

    INDEX idx_time TimeUnix TYPE minmax GRANULARITY 1,
    INDEX idx_journal_file JournalFile TYPE minmax GRANULARITY 1
)
ENGINE = MergeTree
PARTITION BY toDate(TimeUnix)
-- Node before the attributes: a series lies together, and the times of a node's samples repeat from series to series.
ORDER BY (ServiceName, MetricName, toStartOfHour(TimeUnix), Node, cityHash64(Attributes), TimeUnix)
SETTINGS
    index_granularity = 8192,
    ttl_only_drop_parts = 1,
    non_replicated_deduplication_window = 10000,
    -- The part of one journal file is one file then, not one for each column: a tenth less work and far fewer fsyncs.
    min_bytes_for_wide_part = 67108864,
    -- Lengths of strings as a stream of their own are eight bytes each, which ZSTD packs badly where they repeat: the
    -- resource of a sample took 4.3 bytes with it and 0.1 without.
    string_serialization_version = 'single_stream',
    -- A journal file is removed after its insert, so what was inserted must be on disk, not only in memory.
    fsync_after_insert = 1,
    fsync_part_directory = 1
