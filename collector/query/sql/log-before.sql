-- Records of one origin that arrived right before one of them. A batch arrives at once, and within it records stand in the
-- order of their time.
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
  AND Node = {node:String}
  AND ServiceName = {service:String}
  AND ScopeName = {scope:String}
  AND LogAttributes['log.file.path'] = {path:String}
  AND (toUnixTimestamp64Nano(ReceivedAt), Sequence, toUnixTimestamp64Nano(Timestamp), toInt64(_block_number), toInt64(_block_offset))
    < ({receivedUnixNano:Int64}, {sequence:UInt64}, {placeNano:Int64}, {placeBlock:Int64}, {placeOffset:Int64})
  AND /*filter*/ true
ORDER BY ReceivedAt DESC, Sequence DESC, Timestamp DESC, _block_number DESC, _block_offset DESC
LIMIT {limit:UInt32}
