-- How many batches of a stream there are between two numbers, whatever the times of their records.
SELECT uniqExact(Sequence) AS batches
FROM otel_logs
WHERE Node = {node:String}
  AND Stream = {stream:String}
  AND Epoch = {epoch:String}
  AND Sequence > {previous:UInt64}
  AND Sequence < {sequence:UInt64}
