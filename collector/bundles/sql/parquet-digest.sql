-- How many rows a file has, and a number that every value of every row goes into, whatever the order of the rows.
SELECT toUInt32(count()) AS rows, toString(sum(cityHash64(tuple(*)))) AS digest
FROM file({path:String}, {format:String}, {columns:String})
SETTINGS
  max_threads = 1,
  max_memory_usage = {maxMemoryBytes:UInt64},
  max_block_size = {blockRows:UInt64},
  date_time_input_format = 'best_effort',
  input_format_skip_unknown_fields = 0,
  input_format_null_as_default = 0,
  input_format_parallel_parsing = 0,
  input_format_parquet_allow_missing_columns = 0,
  input_format_parquet_memory_high_watermark = 33554432,
  storage_file_read_method = 'pread'
