-- How many log.record.uid values of the nodes under suspicion are there more than once.
SELECT count() AS repeated
FROM (
  SELECT cityHash64(LogAttributes['log.record.uid']) AS hash
  FROM otel_logs
  WHERE Timestamp >= fromUnixTimestamp64Nano({since:Int64}, 'UTC')
    AND Timestamp < fromUnixTimestamp64Nano({until:Int64}, 'UTC')
    AND Node IN {suspects:Array(String)}
    AND LogAttributes['log.record.uid'] != ''
  GROUP BY hash
  HAVING count() > 1
)
