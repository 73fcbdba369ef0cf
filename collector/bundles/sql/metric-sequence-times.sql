-- Who has numbered these batches of metrics, and their first and last times within the window. Keys as in
-- metric-sequence-gaps.sql.
SELECT
  toString(key) AS id,
  node,
  stream,
  epoch,
  sequence,
  toUnixTimestamp64Milli(min(first)) AS firstMs,
  toUnixTimestamp64Milli(max(last)) AS lastMs
FROM (
      SELECT
        sipHash64Keyed(({hashKey:UInt64}, toUInt64(1)), Node)
        + sipHash64Keyed(({hashKey:UInt64}, toUInt64(2)), Stream)
        + sipHash64Keyed(({hashKey:UInt64}, toUInt64(3)), Epoch) AS key,
        Node AS node,
        Stream AS stream,
        Epoch AS epoch,
        Sequence AS sequence,
        min(TimeUnix) AS first,
        max(TimeUnix) AS last
      FROM otel_metrics_gauge
      WHERE TimeUnix >= fromUnixTimestamp64Milli({fromMs:Int64}, 'UTC')
        AND TimeUnix < fromUnixTimestamp64Milli({untilMs:Int64}, 'UTC')
        AND Node IN {nodes:Array(String)}
        AND Epoch != ''
        AND Sequence IN {sequences:Array(UInt64)}
      GROUP BY key, node, stream, epoch, sequence
      UNION ALL
      SELECT
        sipHash64Keyed(({hashKey:UInt64}, toUInt64(1)), Node)
        + sipHash64Keyed(({hashKey:UInt64}, toUInt64(2)), Stream)
        + sipHash64Keyed(({hashKey:UInt64}, toUInt64(3)), Epoch) AS key,
        Node AS node,
        Stream AS stream,
        Epoch AS epoch,
        Sequence AS sequence,
        min(TimeUnix) AS first,
        max(TimeUnix) AS last
      FROM otel_metrics_sum
      WHERE TimeUnix >= fromUnixTimestamp64Milli({fromMs:Int64}, 'UTC')
        AND TimeUnix < fromUnixTimestamp64Milli({untilMs:Int64}, 'UTC')
        AND Node IN {nodes:Array(String)}
        AND Epoch != ''
        AND Sequence IN {sequences:Array(UInt64)}
      GROUP BY key, node, stream, epoch, sequence
      UNION ALL
      SELECT
        sipHash64Keyed(({hashKey:UInt64}, toUInt64(1)), Node)
        + sipHash64Keyed(({hashKey:UInt64}, toUInt64(2)), Stream)
        + sipHash64Keyed(({hashKey:UInt64}, toUInt64(3)), Epoch) AS key,
        Node AS node,
        Stream AS stream,
        Epoch AS epoch,
        Sequence AS sequence,
        min(TimeUnix) AS first,
        max(TimeUnix) AS last
      FROM otel_metrics_histogram
      WHERE TimeUnix >= fromUnixTimestamp64Milli({fromMs:Int64}, 'UTC')
        AND TimeUnix < fromUnixTimestamp64Milli({untilMs:Int64}, 'UTC')
        AND Node IN {nodes:Array(String)}
        AND Epoch != ''
        AND Sequence IN {sequences:Array(UInt64)}
      GROUP BY key, node, stream, epoch, sequence
      UNION ALL
      SELECT
        sipHash64Keyed(({hashKey:UInt64}, toUInt64(1)), Node)
        + sipHash64Keyed(({hashKey:UInt64}, toUInt64(2)), Stream)
        + sipHash64Keyed(({hashKey:UInt64}, toUInt64(3)), Epoch) AS key,
        Node AS node,
        Stream AS stream,
        Epoch AS epoch,
        Sequence AS sequence,
        min(TimeUnix) AS first,
        max(TimeUnix) AS last
      FROM otel_metrics_exponential_histogram
      WHERE TimeUnix >= fromUnixTimestamp64Milli({fromMs:Int64}, 'UTC')
        AND TimeUnix < fromUnixTimestamp64Milli({untilMs:Int64}, 'UTC')
        AND Node IN {nodes:Array(String)}
        AND Epoch != ''
        AND Sequence IN {sequences:Array(UInt64)}
      GROUP BY key, node, stream, epoch, sequence
      UNION ALL
      SELECT
        sipHash64Keyed(({hashKey:UInt64}, toUInt64(1)), Node)
        + sipHash64Keyed(({hashKey:UInt64}, toUInt64(2)), Stream)
        + sipHash64Keyed(({hashKey:UInt64}, toUInt64(3)), Epoch) AS key,
        Node AS node,
        Stream AS stream,
        Epoch AS epoch,
        Sequence AS sequence,
        min(TimeUnix) AS first,
        max(TimeUnix) AS last
      FROM otel_metrics_summary
      WHERE TimeUnix >= fromUnixTimestamp64Milli({fromMs:Int64}, 'UTC')
        AND TimeUnix < fromUnixTimestamp64Milli({untilMs:Int64}, 'UTC')
        AND Node IN {nodes:Array(String)}
        AND Epoch != ''
        AND Sequence IN {sequences:Array(UInt64)}
      GROUP BY key, node, stream, epoch, sequence
)
GROUP BY key, node, stream, epoch, sequence
