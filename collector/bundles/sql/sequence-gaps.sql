-- Numbered batches of one node's logs that are not there between two that are; numbers that carried no record are none. The window is wider than what is asked about, since a
-- batch may hold records of another time.
SELECT stream, epoch, previous, sequence, previousMs, nextMs
FROM (
  SELECT
    stream,
    epoch,
    sequence,
    emptyBefore,
    firstMs AS nextMs,
    lagInFrame(sequence) OVER (PARTITION BY epoch, stream ORDER BY sequence ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS previous,
    lagInFrame(lastMs) OVER (PARTITION BY epoch, stream ORDER BY sequence ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS previousMs
  FROM (
    SELECT
      Stream AS stream,
      Epoch AS epoch,
      Sequence AS sequence,
      any(EmptyBefore) AS emptyBefore,
      toUnixTimestamp64Milli(min(Timestamp)) AS firstMs,
      toUnixTimestamp64Milli(max(Timestamp)) AS lastMs
    FROM otel_logs
    WHERE Timestamp >= fromUnixTimestamp64Milli({fromMs:Int64}, 'UTC')
      AND Timestamp < fromUnixTimestamp64Milli({untilMs:Int64}, 'UTC')
      AND Node = {node:String}
      AND Epoch != ''
    GROUP BY stream, epoch, sequence
  )
)
WHERE previous > 0 AND sequence > previous + 1 + emptyBefore
ORDER BY stream, epoch, sequence
LIMIT 1000
