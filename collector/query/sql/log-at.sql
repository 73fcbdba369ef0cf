-- The record at one place, with where it came from and when it arrived.
SELECT
  concat(replaceOne(toString(Timestamp, 'UTC'), ' ', 'T'), 'Z') AS timestamp,
  toString(toUnixTimestamp64Nano(Timestamp)) AS unixNano,
  toString(_block_number) AS block,
  toString(_block_offset) AS offset,
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
  EventName AS eventName,
  LogAttributes['log.file.path'] AS path,
  toString(toUnixTimestamp64Nano(ReceivedAt)) AS receivedUnixNano,
  toString(Sequence) AS sequence
FROM otel_logs
WHERE Timestamp = fromUnixTimestamp64Nano({placeNano:Int64}, 'UTC')
  AND toInt64(_block_number) = {placeBlock:Int64}
  AND toInt64(_block_offset) = {placeOffset:Int64}
LIMIT 1
