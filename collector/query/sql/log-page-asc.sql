-- One page of log records behind a place in their order, oldest first: time, then order of arrival, which the engine
-- keeps through merges.
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
  EventName AS eventName
FROM otel_logs
WHERE Timestamp >= fromUnixTimestamp64Nano({since:Int64}, 'UTC')
  AND Timestamp < fromUnixTimestamp64Nano({until:Int64}, 'UTC')
  -- The part of the range that is looked at; since and until also stand in the filter.
  AND Timestamp >= fromUnixTimestamp64Nano({sliceSince:Int64}, 'UTC')
  AND Timestamp < fromUnixTimestamp64Nano({sliceUntil:Int64}, 'UTC')
  AND Timestamp >= fromUnixTimestamp64Nano({placeNano:Int64}, 'UTC')
  AND (
    Timestamp > fromUnixTimestamp64Nano({placeNano:Int64}, 'UTC')
    OR (toInt64(_block_number), toInt64(_block_offset)) > ({placeBlock:Int64}, {placeOffset:Int64})
  )
  AND /*filter*/ true
ORDER BY Timestamp, _block_number, _block_offset
LIMIT {limit:UInt32}
