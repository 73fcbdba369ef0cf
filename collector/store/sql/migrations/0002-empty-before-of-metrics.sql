-- How many numbers right before a batch of metrics carried no sample, as otel_logs has it.
ALTER TABLE otel_metrics_gauge ADD COLUMN IF NOT EXISTS EmptyBefore UInt64 CODEC(Delta(8), ZSTD(3)) AFTER Sequence;
ALTER TABLE otel_metrics_sum ADD COLUMN IF NOT EXISTS EmptyBefore UInt64 CODEC(Delta(8), ZSTD(3)) AFTER Sequence;
ALTER TABLE otel_metrics_histogram ADD COLUMN IF NOT EXISTS EmptyBefore UInt64 CODEC(Delta(8), ZSTD(3)) AFTER Sequence;
ALTER TABLE otel_metrics_exponential_histogram ADD COLUMN IF NOT EXISTS EmptyBefore UInt64 CODEC(Delta(8), ZSTD(3)) AFTER Sequence;
ALTER TABLE otel_metrics_summary ADD COLUMN IF NOT EXISTS EmptyBefore UInt64 CODEC(Delta(8), ZSTD(3)) AFTER Sequence
