-- One page of log records, oldest first, from a place in the order (time, then hash) on.
-- A record that carries its own identity is hashed by that alone, so that its duplicates lie side by side.
SELECT
  concat(replaceOne(toString(Timestamp, 'UTC'), ' ', 'T'), 'Z') AS timestamp,
  toString(toUnixTimestamp64Nano(Timestamp)) AS unixNano,
  if(
    LogAttributes['log.record.uid'] != '',
    cityHash64(LogAttributes['log.record.uid']),
    cityHash64(Node, Epoch, Stream, Sequence, Body, LogAttributes)
  ) AS tie,
  toString(tie) AS tieText,
  LogAttributes['log.record.uid'] != '' AS hasUid,
  Node AS node,
  ['unset', 'trace', 'debug', 'info', 'warn', 'error', 'fatal'][1 + intDiv(SeverityNumber + 3, 4)] AS severity,
  Body AS body,
  ServiceName AS service,
  ScopeName AS scope,
  LogAttributes AS attributes
FROM otel_logs
WHERE Timestamp >= fromUnixTimestamp64Nano({since:Int64}, 'UTC')
  AND Timestamp < fromUnixTimestamp64Nano({until:Int64}, 'UTC')
  AND Timestamp >= fromUnixTimestamp64Nano({fromNano:Int64}, 'UTC')
  AND (Timestamp > fromUnixTimestamp64Nano({fromNano:Int64}, 'UTC') OR tie >= {fromTie:UInt64})
  AND /*filter*/ true
ORDER BY Timestamp, tie
LIMIT {limit:UInt32} OFFSET {given:UInt32}
