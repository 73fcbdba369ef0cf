-- Writes redacted lines of one scope's logs as a Parquet file, with the name of the scope, which is in the path of the
-- lines alone. One thread keeps the order of the lines. A field that no column takes is an error.
INSERT INTO FUNCTION file({parquet:String}, 'Parquet')
SELECT *, {scope:String} AS scope
FROM file({lines:String}, 'JSONEachRow', {columns:String})
SETTINGS
  max_threads = 1,
  max_insert_threads = 1,
  max_memory_usage = {maxMemoryBytes:UInt64},
  max_block_size = {blockRows:UInt64},
  max_insert_block_size = {blockRows:UInt64},
  min_insert_block_size_rows = {blockRows:UInt64},
  date_time_input_format = 'best_effort',
  input_format_skip_unknown_fields = 0,
  input_format_null_as_default = 0,
  input_format_parallel_parsing = 0,
  storage_file_read_method = 'pread',
  output_format_parquet_compression_method = 'zstd',
  output_format_parquet_parallel_encoding = 0,
  output_format_parquet_row_group_size = {groupRows:UInt64},
  output_format_parquet_data_page_size = 262144,
  output_format_parquet_write_bloom_filter = 0
