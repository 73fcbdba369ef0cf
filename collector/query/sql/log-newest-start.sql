-- Where the newest {limit} records begin: their oldest time, and how many records there are from there on
-- (more than asked for when several share that time).
SELECT toString(toUnixTimestamp64Nano(min(Timestamp))) AS unixNano, count() AS records
FROM (
  SELECT Timestamp
  FROM otel_logs
  WHERE Timestamp >= fromUnixTimestamp64Nano({since:Int64}, 'UTC')
    AND Timestamp < fromUnixTimestamp64Nano({until:Int64}, 'UTC')
    AND /*filter*/ true
  ORDER BY Timestamp DESC
  LIMIT {limit:UInt32} WITH TIES
)
