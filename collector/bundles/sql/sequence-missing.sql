-- How many numbers of a stream between two stored batches belong to batches with records that are not stored, whatever the times
-- of the records in those that are.
SELECT sum(missing) AS missing
FROM (
  SELECT
    sequence
      - lagInFrame(sequence, 1, {previous:UInt64}) OVER (ORDER BY sequence ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)
      - 1 AS between,
    if(between > emptyBefore, between - emptyBefore, 0) AS missing
  FROM (
    SELECT Sequence AS sequence, any(EmptyBefore) AS emptyBefore
    FROM otel_logs
    WHERE Node = {node:String}
      AND Stream = {stream:String}
      AND Epoch = {epoch:String}
      AND Sequence > {previous:UInt64}
      AND Sequence <= {sequence:UInt64}
    GROUP BY sequence
  )
)
