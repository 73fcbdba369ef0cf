-- How many records arrived in a span of time, without those that have been looked at.
SELECT count() AS records
FROM otel_logs
WHERE Timestamp >= fromUnixTimestamp64Nano({since:Int64}, 'UTC')
  AND ReceivedAt >= fromUnixTimestamp64Nano({receivedSince:Int64}, 'UTC')
  AND ReceivedAt <= fromUnixTimestamp64Nano({receivedUntil:Int64}, 'UTC')
  AND concat(toString(toDate(Timestamp)), ' ', toString(_block_number), ' ', toString(_block_offset)) NOT IN {seen:Array(String)}
  AND /*filter*/ true
