-- As sequence-missing.sql, of metrics.
SELECT sum(missing) AS missing
FROM (
  SELECT
    sequence
      - lagInFrame(sequence, 1, {previous:UInt64}) OVER (ORDER BY sequence ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)
      - 1 AS between,
    if(between > emptyBefore, between - emptyBefore, 0) AS missing
  FROM (
    SELECT sequence, max(empty) AS emptyBefore
    FROM (
      SELECT Sequence AS sequence, any(EmptyBefore) AS empty
      FROM otel_metrics_gauge
      WHERE Node = {node:String}
        AND Stream = {stream:String}
        AND Epoch = {epoch:String}
        AND Sequence > {previous:UInt64}
        AND Sequence <= {sequence:UInt64}
      GROUP BY sequence
      UNION ALL
      SELECT Sequence AS sequence, any(EmptyBefore) AS empty
      FROM otel_metrics_sum
      WHERE Node = {node:String}
        AND Stream = {stream:String}
        AND Epoch = {epoch:String}
        AND Sequence > {previous:UInt64}
        AND Sequence <= {sequence:UInt64}
      GROUP BY sequence
      UNION ALL
      SELECT Sequence AS sequence, any(EmptyBefore) AS empty
      FROM otel_metrics_histogram
      WHERE Node = {node:String}
        AND Stream = {stream:String}
        AND Epoch = {epoch:String}
        AND Sequence > {previous:UInt64}
        AND Sequence <= {sequence:UInt64}
      GROUP BY sequence
      UNION ALL
      SELECT Sequence AS sequence, any(EmptyBefore) AS empty
      FROM otel_metrics_exponential_histogram
      WHERE Node = {node:String}
        AND Stream = {stream:String}
        AND Epoch = {epoch:String}
        AND Sequence > {previous:UInt64}
        AND Sequence <= {sequence:UInt64}
      GROUP BY sequence
      UNION ALL
      SELECT Sequence AS sequence, any(EmptyBefore) AS empty
      FROM otel_metrics_summary
      WHERE Node = {node:String}
        AND Stream = {stream:String}
        AND Epoch = {epoch:String}
        AND Sequence > {previous:UInt64}
        AND Sequence <= {sequence:UInt64}
      GROUP BY sequence
    )
    GROUP BY sequence
  )
)
