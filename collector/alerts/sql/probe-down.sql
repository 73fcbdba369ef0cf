-- One for each probe that was not as it should be at its newest look; one row a node, but endpoints of a group that all
-- nodes look at count once, and only while no node finds them right. Times as in filesystem-used-percent.sql.
SELECT min(looking) AS Node, Subject, min(Down) AS Value
FROM (
  SELECT
    sample.Node AS looking,
    Attributes['sextant.probe.name'] AS Subject,
    1 - argMax(sample.Value, TimeUnix) AS Down
  FROM otel_metrics_gauge AS sample
  WHERE MetricName = 'sextant.probe.up'
    AND TimeUnix >= fromUnixTimestamp64Milli({nowMs:Int64} - {clockSlackSeconds:Int64} * 1000, 'UTC')
    AND ReceivedAt >= fromUnixTimestamp64Milli({nowMs:Int64} - {windowSeconds:Int64} * 1000, 'UTC')
    AND Attributes['sextant.probe.group'] = {group:String}
    AND sample.Node != ''
  GROUP BY looking, Subject
)
GROUP BY Subject, if({group:String} = '', looking, '')
