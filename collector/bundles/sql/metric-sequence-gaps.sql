-- Numbered batches of metrics that are not there between two that are, of several nodes at once: these tables are not ordered
-- by node first. A batch is there when any table has a sample of it. Else as sequence-gaps.sql.
SELECT node, stream, epoch, previous, sequence, previousMs, nextMs
FROM (
  SELECT
    node,
    stream,
    epoch,
    sequence,
    emptyBefore,
    firstMs AS nextMs,
    lagInFrame(sequence) OVER (PARTITION BY node, epoch, stream ORDER BY sequence ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS previous,
    lagInFrame(lastMs) OVER (PARTITION BY node, epoch, stream ORDER BY sequence ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS previousMs
  FROM (
    SELECT
      node,
      stream,
      epoch,
      sequence,
      max(empty) AS emptyBefore,
      toUnixTimestamp64Milli(min(first)) AS firstMs,
      toUnixTimestamp64Milli(max(last)) AS lastMs
    FROM (
    SELECT
      Node AS node,
      Stream AS stream,
      Epoch AS epoch,
      Sequence AS sequence,
      any(EmptyBefore) AS empty,
      min(TimeUnix) AS first,
      max(TimeUnix) AS last
    FROM otel_metrics_gauge
    WHERE TimeUnix >= fromUnixTimestamp64Milli({fromMs:Int64}, 'UTC')
      AND TimeUnix < fromUnixTimestamp64Milli({untilMs:Int64}, 'UTC')
      AND Node IN {nodes:Array(String)}
      AND Epoch != ''
    GROUP BY node, stream, epoch, sequence
    UNION ALL
    SELECT
      Node AS node,
      Stream AS stream,
      Epoch AS epoch,
      Sequence AS sequence,
      any(EmptyBefore) AS empty,
      min(TimeUnix) AS first,
      max(TimeUnix) AS last
    FROM otel_metrics_sum
    WHERE TimeUnix >= fromUnixTimestamp64Milli({fromMs:Int64}, 'UTC')
      AND TimeUnix < fromUnixTimestamp64Milli({untilMs:Int64}, 'UTC')
      AND Node IN {nodes:Array(String)}
      AND Epoch != ''
    GROUP BY node, stream, epoch, sequence
    UNION ALL
    SELECT
      Node AS node,
      Stream AS stream,
      Epoch AS epoch,
      Sequence AS sequence,
      any(EmptyBefore) AS empty,
      min(TimeUnix) AS first,
      max(TimeUnix) AS last
    FROM otel_metrics_histogram
    WHERE TimeUnix >= fromUnixTimestamp64Milli({fromMs:Int64}, 'UTC')
      AND TimeUnix < fromUnixTimestamp64Milli({untilMs:Int64}, 'UTC')
      AND Node IN {nodes:Array(String)}
      AND Epoch != ''
    GROUP BY node, stream, epoch, sequence
    UNION ALL
    SELECT
      Node AS node,
      Stream AS stream,
      Epoch AS epoch,
      Sequence AS sequence,
      any(EmptyBefore) AS empty,
      min(TimeUnix) AS first,
      max(TimeUnix) AS last
    FROM otel_metrics_exponential_histogram
    WHERE TimeUnix >= fromUnixTimestamp64Milli({fromMs:Int64}, 'UTC')
      AND TimeUnix < fromUnixTimestamp64Milli({untilMs:Int64}, 'UTC')
      AND Node IN {nodes:Array(String)}
      AND Epoch != ''
    GROUP BY node, stream, epoch, sequence
    UNION ALL
    SELECT
      Node AS node,
      Stream AS stream,
      Epoch AS epoch,
      Sequence AS sequence,
      any(EmptyBefore) AS empty,
      min(TimeUnix) AS first,
      max(TimeUnix) AS last
    FROM otel_metrics_summary
    WHERE TimeUnix >= fromUnixTimestamp64Milli({fromMs:Int64}, 'UTC')
      AND TimeUnix < fromUnixTimestamp64Milli({untilMs:Int64}, 'UTC')
      AND Node IN {nodes:Array(String)}
      AND Epoch != ''
    GROUP BY node, stream, epoch, sequence
    )
    GROUP BY node, stream, epoch, sequence
  )
)
WHERE previous > 0 AND sequence > previous + 1 + emptyBefore
ORDER BY node, stream, epoch, sequence
LIMIT 1000
