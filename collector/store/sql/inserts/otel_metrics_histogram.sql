INSERT INTO otel_metrics_histogram
(
    ResourceAttributes, ResourceSchemaUrl, ScopeName, ScopeVersion, ScopeAttributes, ScopeDroppedAttrCount,
    ScopeSchemaUrl, ServiceName, MetricName, MetricDescription, MetricUnit, Attributes, StartTimeUnix, TimeUnix,
    Count, Sum, BucketCounts, ExplicitBounds,
    Exemplars.FilteredAttributes, Exemplars.TimeUnix, Exemplars.Value, Exemplars.SpanId, Exemplars.TraceId,
    Flags, Min, Max, AggregationTemporality,
    Node, Stream, Epoch, Sequence, EmptyBefore, ReceivedAt, JournalFile
)
SELECT
    ResourceAttributes, ResourceSchemaUrl, ScopeName, ScopeVersion, ScopeAttributes, ScopeDroppedAttrCount,
    ScopeSchemaUrl, ServiceName, MetricName, MetricDescription, MetricUnit,
    sextant_attributes(point.attributes),
    fromUnixTimestamp64Nano(toInt64(point.start_time_unix_nano)),
    sextant_time(point.time_unix_nano, received_unix_nano) AS RowTime,
    point.count,
    point.sum,
    point.bucket_counts,
    point.explicit_bounds,
    arrayMap(e -> sextant_attributes(e.filtered_attributes), point.exemplars),
    arrayMap(e -> fromUnixTimestamp64Nano(toInt64(e.time_unix_nano)), point.exemplars),
    arrayMap(e -> if(e.value = 'as_int', toFloat64(e.as_int), e.as_double), point.exemplars),
    arrayMap(e -> lower(hex(e.span_id)), point.exemplars),
    arrayMap(e -> lower(hex(e.trace_id)), point.exemplars),
    point.flags,
    point.min,
    point.max,
    AggregationTemporality,
    node, stream, epoch, sequence, empty_before,
    fromUnixTimestamp64Nano(toInt64(received_unix_nano)),
    {number:UInt64}
FROM
(
    SELECT
        node, stream, epoch, sequence, empty_before, received_unix_nano, ServiceName, ResourceSchemaUrl, ResourceAttributes,
        ScopeSchemaUrl, ScopeName, ScopeVersion, ScopeAttributes, ScopeDroppedAttrCount,
        metric.name AS MetricName,
        metric.description AS MetricDescription,
        metric.unit AS MetricUnit,
        metric.histogram.data_points AS points,
        metric.histogram.aggregation_temporality AS AggregationTemporality
    FROM
    (
        SELECT
            node, stream, epoch, sequence, empty_before, received_unix_nano, ServiceName, ResourceSchemaUrl, ResourceAttributes,
            scope_metrics.schema_url AS ScopeSchemaUrl,
            scope_metrics.scope.name AS ScopeName,
            scope_metrics.scope.version AS ScopeVersion,
            sextant_attributes(scope_metrics.scope.attributes) AS ScopeAttributes,
            scope_metrics.scope.dropped_attributes_count AS ScopeDroppedAttrCount,
            scope_metrics.metrics AS metrics
        FROM
        (
            SELECT
                node, stream, epoch, sequence, empty_before, received_unix_nano,
                resource_metrics.schema_url AS ResourceSchemaUrl,
                sextant_attributes(resource_metrics.resource.attributes) AS ResourceAttributes,
                ResourceAttributes['service.name'] AS ServiceName,
                resource_metrics.scope_metrics AS scopes
            FROM file({path:String}, 'Protobuf', {structure:String})
            ARRAY JOIN resource_metrics
        )
        ARRAY JOIN scopes AS scope_metrics
    )
    ARRAY JOIN metrics AS metric
)
ARRAY JOIN points AS point
