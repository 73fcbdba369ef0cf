-- The most frequent values of each asked field.
SELECT field, value, count() AS records
FROM (
  SELECT
    arrayJoin({fields:Array(String)}) AS field,
    multiIf(
      field = 'node', toString(Node),
      field = 'severity', ['unset', 'trace', 'debug', 'info', 'warn', 'error', 'fatal'][1 + intDiv(SeverityNumber + 3, 4)],
      field IN ('service', 'service.name'), toString(ServiceName),
      field IN ('source', 'scope', 'otel.scope.name'), toString(ScopeName),
      field = 'event', toString(EventName),
      LogAttributes[field] != '', LogAttributes[field],
      ResourceAttributes[field]
    ) AS value
  FROM otel_logs
  WHERE Timestamp >= fromUnixTimestamp64Nano({since:Int64}, 'UTC')
    AND Timestamp < fromUnixTimestamp64Nano({until:Int64}, 'UTC')
    AND /*filter*/ true
)
WHERE value != ''
GROUP BY field, value
ORDER BY field, records DESC, value
LIMIT {limit:UInt32} BY field
