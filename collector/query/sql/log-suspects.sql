-- Nodes some of whose records may be stored twice: an agent that lost its spool began a new epoch and read again, and
-- senders that do not number their batches repeat them. Everybody else's batches are stored exactly once.
-- And how many records there are at most, repeated ones counted each.
-- Whole five minutes, so that it is answered from the projection counts_5m: a suspect too many costs a look.
SELECT groupArrayIf(Node, least = 0 OR epochs > 1) AS suspects, sum(records) AS records
FROM (
  SELECT Node, min(leastOfEpoch) AS least, count() AS epochs, sum(recordsOfEpoch) AS records
  FROM (
    SELECT Node, Epoch, min(Sequence) AS leastOfEpoch, count() AS recordsOfEpoch
    FROM otel_logs
    WHERE toStartOfFiveMinutes(Timestamp) >= toStartOfFiveMinutes(fromUnixTimestamp64Nano({since:Int64}, 'UTC'))
      AND toStartOfFiveMinutes(Timestamp) <= toStartOfFiveMinutes(fromUnixTimestamp64Nano({until:Int64}, 'UTC'))
    GROUP BY Node, Epoch
  )
  GROUP BY Node
)
