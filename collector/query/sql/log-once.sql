-- Condition: the record is the first of those with its log.record.uid in the range. Only asked of nodes under suspicion.
-- The hash finds the few that are worth a closer look: grouping by it takes a tenth of the time and memory.
LogAttributes['log.record.uid'] = ''
OR Node NOT IN {suspects:Array(String)}
OR cityHash64(LogAttributes['log.record.uid']) NOT IN (
  SELECT cityHash64(LogAttributes['log.record.uid']) AS hash
  FROM otel_logs
  WHERE Timestamp >= fromUnixTimestamp64Nano({since:Int64}, 'UTC')
    AND Timestamp < fromUnixTimestamp64Nano({until:Int64}, 'UTC')
    AND Node IN {suspects:Array(String)}
    AND LogAttributes['log.record.uid'] != ''
  GROUP BY hash
  HAVING count() > 1
)
OR (LogAttributes['log.record.uid'], Timestamp, _block_number, _block_offset) IN (
  SELECT
    LogAttributes['log.record.uid'] AS uid,
    (min((Timestamp, _block_number, _block_offset)) AS first).1,
    first.2,
    first.3
  FROM otel_logs
  WHERE Timestamp >= fromUnixTimestamp64Nano({since:Int64}, 'UTC')
    AND Timestamp < fromUnixTimestamp64Nano({until:Int64}, 'UTC')
    AND Node IN {suspects:Array(String)}
    AND cityHash64(LogAttributes['log.record.uid']) IN (
      SELECT cityHash64(LogAttributes['log.record.uid']) AS hash
      FROM otel_logs
      WHERE Timestamp >= fromUnixTimestamp64Nano({since:Int64}, 'UTC')
        AND Timestamp < fromUnixTimestamp64Nano({until:Int64}, 'UTC')
        AND Node IN {suspects:Array(String)}
        AND LogAttributes['log.record.uid'] != ''
      GROUP BY hash
      HAVING count() > 1
    )
  GROUP BY uid
)
