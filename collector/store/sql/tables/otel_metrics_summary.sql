-- The OpenTelemetry ClickHouse exporter's table of summaries, and what the collector knows at the end.
CREATE TABLE IF NOT EXISTS otel_metrics_summary
(
    ResourceAttributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    ResourceSchemaUrl String CODEC(ZSTD(1)),
    ScopeName String CODEC(ZSTD(1)),
    ScopeVersion String CODEC(ZSTD(1)),
    ScopeAttributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    ScopeDroppedAttrCount UInt32 CODEC(ZSTD(1)),
    ScopeSchemaUrl String CODEC(ZSTD(1)),
    ServiceName LowCardinality(String) CODEC(ZSTD(1)),
    MetricName LowCardinality(String) CODEC(ZSTD(1)),
    MetricDescription LowCardinality(String) CODEC(ZSTD(1)),
    MetricUnit LowCardinality(String) CODEC(ZSTD(1)),
    Attributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    StartTimeUnix DateTime64(9, 'UTC') CODEC(Delta(8), ZSTD(1)),
    TimeUnix DateTime64(9, 'UTC') CODEC(Delta(8), ZSTD(1)),
    Count UInt64 CODEC(Delta(8), ZSTD(1)),
    Sum Float64 CODEC(ZSTD(1)),
    ValueAtQuantiles Nested
    (
        Quantile Float64,
        Value Float64
    ) CODEC(ZSTD(1)),
    Flags UInt32 CODEC(ZSTD(1)),

    -- Proven by the sender's certificate; the rest of the line numbers its batch.
    Node LowCardinality(String),
    Stream LowCardinality(String),
    Epoch LowCardinality(String),
    Sequence UInt64 CODEC(Delta(8), ZSTD(1)),
    ReceivedAt DateTime64(9, 'UTC') CODEC(Delta(8), ZSTD(1)),
    -- Number of the journal file that the row came from, so that a replay finds what is there already.
    JournalFile UInt64 CODEC(Delta(8), ZSTD(1)),

    INDEX idx_time TimeUnix TYPE minmax GRANULARITY 1,
    INDEX idx_journal_file JournalFile TYPE minmax GRANULARITY 1
)
ENGINE = MergeTree
PARTITION BY toDate(TimeUnix)
ORDER BY (ServiceName, MetricName, toStartOfHour(TimeUnix), cityHash64(Attributes), TimeUnix)
SETTINGS
    index_granularity = 8192,
    ttl_only_drop_parts = 1,
    non_replicated_deduplication_window = 10000,
    -- The part of one journal file is one file then, not one for each column: a tenth less work and far fewer fsyncs.
    min_bytes_for_wide_part = 67108864,
    -- A journal file is removed after its insert, so what was inserted must be on disk, not only in memory.
    fsync_after_insert = 1,
    fsync_part_directory = 1
