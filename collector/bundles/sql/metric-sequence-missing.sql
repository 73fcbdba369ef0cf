-- Batches of metrics with samples that are not stored, whatever the times of the samples in those that are: how many between two
-- neighbours, as sequence-missing.sql, in one pass for all suspected places. Whether a number may lie in one is cheap to ask by
-- the epoch, of every sample, and exact by the key, of the few that are left. Keys as in metric-sequence-gaps.sql.
SELECT toString(key) AS id, previous, sequence, sequence - previous - 1 - emptyBefore AS missing
FROM (
  SELECT
    key,
    sequence,
    emptyBefore,
    lagInFrame(sequence) OVER (PARTITION BY key ORDER BY sequence ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS previous
  FROM (
    SELECT key, sequence, max(empty) AS emptyBefore
    FROM (
      SELECT
        sipHash64Keyed(({hashKey:UInt64}, toUInt64(1)), Node)
        + sipHash64Keyed(({hashKey:UInt64}, toUInt64(2)), Stream)
        + sipHash64Keyed(({hashKey:UInt64}, toUInt64(3)), Epoch) AS key,
        Sequence AS sequence,
        any(EmptyBefore) AS empty
      FROM otel_metrics_gauge
      PREWHERE Node IN {nodes:Array(String)}
        AND Epoch IN {epochs:Array(String)}
        AND Sequence >= transform(Epoch, {epochs:Array(String)}, {lowestOfEpoch:Array(UInt64)}, toUInt64(0))
        AND Sequence <= transform(Epoch, {epochs:Array(String)}, {highestOfEpoch:Array(UInt64)}, toUInt64(0))
      WHERE Sequence >= transform(key, {keys:Array(UInt64)}, {lowest:Array(UInt64)}, toUInt64(18446744073709551615))
        AND Sequence <= transform(key, {keys:Array(UInt64)}, {highest:Array(UInt64)}, toUInt64(0))
      GROUP BY key, sequence
      UNION ALL
      SELECT
        sipHash64Keyed(({hashKey:UInt64}, toUInt64(1)), Node)
        + sipHash64Keyed(({hashKey:UInt64}, toUInt64(2)), Stream)
        + sipHash64Keyed(({hashKey:UInt64}, toUInt64(3)), Epoch) AS key,
        Sequence AS sequence,
        any(EmptyBefore) AS empty
      FROM otel_metrics_sum
      PREWHERE Node IN {nodes:Array(String)}
        AND Epoch IN {epochs:Array(String)}
        AND Sequence >= transform(Epoch, {epochs:Array(String)}, {lowestOfEpoch:Array(UInt64)}, toUInt64(0))
        AND Sequence <= transform(Epoch, {epochs:Array(String)}, {highestOfEpoch:Array(UInt64)}, toUInt64(0))
      WHERE Sequence >= transform(key, {keys:Array(UInt64)}, {lowest:Array(UInt64)}, toUInt64(18446744073709551615))
        AND Sequence <= transform(key, {keys:Array(UInt64)}, {highest:Array(UInt64)}, toUInt64(0))
      GROUP BY key, sequence
      UNION ALL
      SELECT
        sipHash64Keyed(({hashKey:UInt64}, toUInt64(1)), Node)
        + sipHash64Keyed(({hashKey:UInt64}, toUInt64(2)), Stream)
        + sipHash64Keyed(({hashKey:UInt64}, toUInt64(3)), Epoch) AS key,
        Sequence AS sequence,
        any(EmptyBefore) AS empty
      FROM otel_metrics_histogram
      PREWHERE Node IN {nodes:Array(String)}
        AND Epoch IN {epochs:Array(String)}
        AND Sequence >= transform(Epoch, {epochs:Array(String)}, {lowestOfEpoch:Array(UInt64)}, toUInt64(0))
        AND Sequence <= transform(Epoch, {epochs:Array(String)}, {highestOfEpoch:Array(UInt64)}, toUInt64(0))
      WHERE Sequence >= transform(key, {keys:Array(UInt64)}, {lowest:Array(UInt64)}, toUInt64(18446744073709551615))
        AND Sequence <= transform(key, {keys:Array(UInt64)}, {highest:Array(UInt64)}, toUInt64(0))
      GROUP BY key, sequence
      UNION ALL
      SELECT
        sipHash64Keyed(({hashKey:UInt64}, toUInt64(1)), Node)
        + sipHash64Keyed(({hashKey:UInt64}, toUInt64(2)), Stream)
        + sipHash64Keyed(({hashKey:UInt64}, toUInt64(3)), Epoch) AS key,
        Sequence AS sequence,
        any(EmptyBefore) AS empty
      FROM otel_metrics_exponential_histogram
      PREWHERE Node IN {nodes:Array(String)}
        AND Epoch IN {epochs:Array(String)}
        AND Sequence >= transform(Epoch, {epochs:Array(String)}, {lowestOfEpoch:Array(UInt64)}, toUInt64(0))
        AND Sequence <= transform(Epoch, {epochs:Array(String)}, {highestOfEpoch:Array(UInt64)}, toUInt64(0))
      WHERE Sequence >= transform(key, {keys:Array(UInt64)}, {lowest:Array(UInt64)}, toUInt64(18446744073709551615))
        AND Sequence <= transform(key, {keys:Array(UInt64)}, {highest:Array(UInt64)}, toUInt64(0))
      GROUP BY key, sequence
      UNION ALL
      SELECT
        sipHash64Keyed(({hashKey:UInt64}, toUInt64(1)), Node)
        + sipHash64Keyed(({hashKey:UInt64}, toUInt64(2)), Stream)
        + sipHash64Keyed(({hashKey:UInt64}, toUInt64(3)), Epoch) AS key,
        Sequence AS sequence,
        any(EmptyBefore) AS empty
      FROM otel_metrics_summary
      PREWHERE Node IN {nodes:Array(String)}
        AND Epoch IN {epochs:Array(String)}
        AND Sequence >= transform(Epoch, {epochs:Array(String)}, {lowestOfEpoch:Array(UInt64)}, toUInt64(0))
        AND Sequence <= transform(Epoch, {epochs:Array(String)}, {highestOfEpoch:Array(UInt64)}, toUInt64(0))
      WHERE Sequence >= transform(key, {keys:Array(UInt64)}, {lowest:Array(UInt64)}, toUInt64(18446744073709551615))
        AND Sequence <= transform(key, {keys:Array(UInt64)}, {highest:Array(UInt64)}, toUInt64(0))
      GROUP BY key, sequence
    )
    GROUP BY key, sequence
  )
)
WHERE previous > 0 AND sequence > previous + 1 + emptyBefore
