-- Condition: the record is the first of those with its log.record.uid in the range. Only asked of nodes under suspicion.
LogAttributes['log.record.uid'] = ''
OR Node NOT IN {suspects:Array(String)}
OR (sipHash128(LogAttributes['log.record.uid']), Timestamp, Epoch, Sequence, ReceivedAt) IN (
  SELECT
    sipHash128(LogAttributes['log.record.uid']) AS uid,
    (min((Timestamp, Epoch, Sequence, ReceivedAt)) AS first).1,
    first.2,
    first.3,
    first.4
  FROM otel_logs
  WHERE Timestamp >= fromUnixTimestamp64Nano({since:Int64}, 'UTC')
    AND Timestamp < fromUnixTimestamp64Nano({until:Int64}, 'UTC')
    AND Node IN {suspects:Array(String)}
    AND LogAttributes['log.record.uid'] != ''
  GROUP BY uid
)
