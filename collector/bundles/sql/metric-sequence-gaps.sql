-- Numbered batches of metrics that are not there between two that are, of several nodes at once: these tables are not ordered
-- by node first. A batch is there when any table has a sample of it. Numbers that carried no sample are none.
--
-- A batch has hundreds of samples, so each costs as little as can be: who numbered it is one number (names are hashed once for
-- each that a block has, with a key that no sender can know), and batches are bits. Grouped by the names and the number of the
-- batch, with the times of each, it took three times the processor time. metric-sequence-times.sql has the names behind a key.
SELECT toString(key) AS id, previous, sequence
FROM (
  SELECT key, hole.1 AS previous, hole.2 AS sequence
  FROM (
    SELECT key, arraySort(bitmapToArray(groupBitmapMergeState(numbers))) AS sequences
    FROM (
      SELECT
        sipHash64Keyed(({hashKey:UInt64}, toUInt64(1)), Node)
        + sipHash64Keyed(({hashKey:UInt64}, toUInt64(2)), Stream)
        + sipHash64Keyed(({hashKey:UInt64}, toUInt64(3)), Epoch) AS key,
        groupBitmapState(Sequence) AS numbers
      FROM otel_metrics_gauge
      WHERE TimeUnix >= fromUnixTimestamp64Milli({fromMs:Int64}, 'UTC')
        AND TimeUnix < fromUnixTimestamp64Milli({untilMs:Int64}, 'UTC')
        AND Node IN {nodes:Array(String)}
        AND Epoch != ''
      GROUP BY key
      UNION ALL
      SELECT
        sipHash64Keyed(({hashKey:UInt64}, toUInt64(1)), Node)
        + sipHash64Keyed(({hashKey:UInt64}, toUInt64(2)), Stream)
        + sipHash64Keyed(({hashKey:UInt64}, toUInt64(3)), Epoch) AS key,
        groupBitmapState(Sequence) AS numbers
      FROM otel_metrics_sum
      WHERE TimeUnix >= fromUnixTimestamp64Milli({fromMs:Int64}, 'UTC')
        AND TimeUnix < fromUnixTimestamp64Milli({untilMs:Int64}, 'UTC')
        AND Node IN {nodes:Array(String)}
        AND Epoch != ''
      GROUP BY key
      UNION ALL
      SELECT
        sipHash64Keyed(({hashKey:UInt64}, toUInt64(1)), Node)
        + sipHash64Keyed(({hashKey:UInt64}, toUInt64(2)), Stream)
        + sipHash64Keyed(({hashKey:UInt64}, toUInt64(3)), Epoch) AS key,
        groupBitmapState(Sequence) AS numbers
      FROM otel_metrics_histogram
      WHERE TimeUnix >= fromUnixTimestamp64Milli({fromMs:Int64}, 'UTC')
        AND TimeUnix < fromUnixTimestamp64Milli({untilMs:Int64}, 'UTC')
        AND Node IN {nodes:Array(String)}
        AND Epoch != ''
      GROUP BY key
      UNION ALL
      SELECT
        sipHash64Keyed(({hashKey:UInt64}, toUInt64(1)), Node)
        + sipHash64Keyed(({hashKey:UInt64}, toUInt64(2)), Stream)
        + sipHash64Keyed(({hashKey:UInt64}, toUInt64(3)), Epoch) AS key,
        groupBitmapState(Sequence) AS numbers
      FROM otel_metrics_exponential_histogram
      WHERE TimeUnix >= fromUnixTimestamp64Milli({fromMs:Int64}, 'UTC')
        AND TimeUnix < fromUnixTimestamp64Milli({untilMs:Int64}, 'UTC')
        AND Node IN {nodes:Array(String)}
        AND Epoch != ''
      GROUP BY key
      UNION ALL
      SELECT
        sipHash64Keyed(({hashKey:UInt64}, toUInt64(1)), Node)
        + sipHash64Keyed(({hashKey:UInt64}, toUInt64(2)), Stream)
        + sipHash64Keyed(({hashKey:UInt64}, toUInt64(3)), Epoch) AS key,
        groupBitmapState(Sequence) AS numbers
      FROM otel_metrics_summary
      WHERE TimeUnix >= fromUnixTimestamp64Milli({fromMs:Int64}, 'UTC')
        AND TimeUnix < fromUnixTimestamp64Milli({untilMs:Int64}, 'UTC')
        AND Node IN {nodes:Array(String)}
        AND Epoch != ''
      GROUP BY key
    )
    GROUP BY key
  )
  ARRAY JOIN
    arrayFilter(
      two -> two.1 > 0 AND two.2 > two.1 + 1,
      arrayZip(arrayPopBack(sequences), arrayPopFront(sequences))
    ) AS hole
) AS suspected
LEFT JOIN (
  SELECT key, sequence, max(empty) AS emptyBefore
  FROM (
      SELECT
        sipHash64Keyed(({hashKey:UInt64}, toUInt64(1)), Node)
        + sipHash64Keyed(({hashKey:UInt64}, toUInt64(2)), Stream)
        + sipHash64Keyed(({hashKey:UInt64}, toUInt64(3)), Epoch) AS key,
        Sequence AS sequence,
        EmptyBefore AS empty
      FROM otel_metrics_gauge
      WHERE TimeUnix >= fromUnixTimestamp64Milli({fromMs:Int64}, 'UTC')
        AND TimeUnix < fromUnixTimestamp64Milli({untilMs:Int64}, 'UTC')
        AND Node IN {nodes:Array(String)}
        AND Epoch != ''
        AND EmptyBefore > 0
      UNION ALL
      SELECT
        sipHash64Keyed(({hashKey:UInt64}, toUInt64(1)), Node)
        + sipHash64Keyed(({hashKey:UInt64}, toUInt64(2)), Stream)
        + sipHash64Keyed(({hashKey:UInt64}, toUInt64(3)), Epoch) AS key,
        Sequence AS sequence,
        EmptyBefore AS empty
      FROM otel_metrics_sum
      WHERE TimeUnix >= fromUnixTimestamp64Milli({fromMs:Int64}, 'UTC')
        AND TimeUnix < fromUnixTimestamp64Milli({untilMs:Int64}, 'UTC')
        AND Node IN {nodes:Array(String)}
        AND Epoch != ''
        AND EmptyBefore > 0
      UNION ALL
      SELECT
        sipHash64Keyed(({hashKey:UInt64}, toUInt64(1)), Node)
        + sipHash64Keyed(({hashKey:UInt64}, toUInt64(2)), Stream)
        + sipHash64Keyed(({hashKey:UInt64}, toUInt64(3)), Epoch) AS key,
        Sequence AS sequence,
        EmptyBefore AS empty
      FROM otel_metrics_histogram
      WHERE TimeUnix >= fromUnixTimestamp64Milli({fromMs:Int64}, 'UTC')
        AND TimeUnix < fromUnixTimestamp64Milli({untilMs:Int64}, 'UTC')
        AND Node IN {nodes:Array(String)}
        AND Epoch != ''
        AND EmptyBefore > 0
      UNION ALL
      SELECT
        sipHash64Keyed(({hashKey:UInt64}, toUInt64(1)), Node)
        + sipHash64Keyed(({hashKey:UInt64}, toUInt64(2)), Stream)
        + sipHash64Keyed(({hashKey:UInt64}, toUInt64(3)), Epoch) AS key,
        Sequence AS sequence,
        EmptyBefore AS empty
      FROM otel_metrics_exponential_histogram
      WHERE TimeUnix >= fromUnixTimestamp64Milli({fromMs:Int64}, 'UTC')
        AND TimeUnix < fromUnixTimestamp64Milli({untilMs:Int64}, 'UTC')
        AND Node IN {nodes:Array(String)}
        AND Epoch != ''
        AND EmptyBefore > 0
      UNION ALL
      SELECT
        sipHash64Keyed(({hashKey:UInt64}, toUInt64(1)), Node)
        + sipHash64Keyed(({hashKey:UInt64}, toUInt64(2)), Stream)
        + sipHash64Keyed(({hashKey:UInt64}, toUInt64(3)), Epoch) AS key,
        Sequence AS sequence,
        EmptyBefore AS empty
      FROM otel_metrics_summary
      WHERE TimeUnix >= fromUnixTimestamp64Milli({fromMs:Int64}, 'UTC')
        AND TimeUnix < fromUnixTimestamp64Milli({untilMs:Int64}, 'UTC')
        AND Node IN {nodes:Array(String)}
        AND Epoch != ''
        AND EmptyBefore > 0
  )
  GROUP BY key, sequence
) AS told USING (key, sequence)
WHERE sequence > previous + 1 + emptyBefore
ORDER BY key, sequence
LIMIT 500 BY key
LIMIT 8000
