-- The oldest of the newest {limit} records; no row when there are fewer.
SELECT
  toString(toUnixTimestamp64Nano(Timestamp)) AS unixNano,
  toString(_block_number) AS block,
  toString(_block_offset) AS offset
FROM otel_logs
WHERE Timestamp >= fromUnixTimestamp64Nano({since:Int64}, 'UTC')
  AND Timestamp < fromUnixTimestamp64Nano({until:Int64}, 'UTC')
  AND /*filter*/ true
ORDER BY Timestamp DESC, _block_number DESC, _block_offset DESC
LIMIT 1 OFFSET {newer:UInt32}
