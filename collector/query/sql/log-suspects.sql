-- Nodes some of whose records may be stored twice: an agent that lost its spool began a new epoch and read again, and
-- senders that do not number their batches repeat them. Everybody else's batches are stored exactly once.
SELECT Node
FROM otel_logs
WHERE Timestamp >= fromUnixTimestamp64Nano({since:Int64}, 'UTC')
  AND Timestamp < fromUnixTimestamp64Nano({until:Int64}, 'UTC')
GROUP BY Node
HAVING min(Sequence) = 0 OR min(Epoch) != max(Epoch)
