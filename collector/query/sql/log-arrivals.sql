-- Records that arrived since, in order of arrival. `_block_number` and `_block_offset` tell them apart.
SELECT
  concat(replaceOne(toString(Timestamp, 'UTC'), ' ', 'T'), 'Z') AS timestamp,
  toString(toUnixTimestamp64Nano(ReceivedAt)) AS receivedUnixNano,
  concat(toString(toDate(Timestamp)), ' ', toString(_block_number), ' ', toString(_block_offset)) AS place,
  Node AS node,
  ['unset', 'trace', 'debug', 'info', 'warn', 'error', 'fatal'][1 + intDiv(SeverityNumber + 3, 4)] AS severity,
  Body AS body,
  ServiceName AS service,
  ScopeName AS scope,
  LogAttributes AS attributes,
  -- What our own agents say of their resource is the same on every line, and in the inventory.
  mapFilter((name, value) -> Epoch = '', ResourceAttributes) AS resource,
  TraceId AS traceId,
  SpanId AS spanId,
  EventName AS eventName
FROM otel_logs
WHERE Timestamp >= fromUnixTimestamp64Nano({since:Int64}, 'UTC')
  AND ReceivedAt >= fromUnixTimestamp64Nano({receivedSince:Int64}, 'UTC')
  AND place NOT IN {seen:Array(String)}
  AND /*filter*/ true
ORDER BY ReceivedAt, _block_number, _block_offset
LIMIT {limit:UInt32}
