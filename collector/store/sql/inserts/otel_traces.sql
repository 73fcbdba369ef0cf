INSERT INTO otel_traces
(
    Timestamp, TraceId, SpanId, ParentSpanId, TraceState, SpanName, SpanKind, ServiceName, ResourceAttributes,
    ScopeName, ScopeVersion, SpanAttributes, Duration, StatusCode, StatusMessage,
    Events.Timestamp, Events.Name, Events.Attributes,
    Links.TraceId, Links.SpanId, Links.TraceState, Links.Attributes,
    Node, Stream, Epoch, Sequence, ReceivedAt, JournalFile
)
SELECT
    sextant_time(span.start_time_unix_nano, received_unix_nano) AS RowTime,
    lower(hex(span.trace_id)),
    lower(hex(span.span_id)),
    lower(hex(span.parent_span_id)),
    span.trace_state,
    span.name,
    transform(span.kind, [1, 2, 3, 4, 5], ['Internal', 'Server', 'Client', 'Producer', 'Consumer'], 'Unspecified'),
    ServiceName,
    ResourceAttributes,
    ScopeName,
    ScopeVersion,
    sextant_told_time(sextant_attributes(span.attributes), span.start_time_unix_nano, received_unix_nano),
    if(span.end_time_unix_nano > span.start_time_unix_nano, span.end_time_unix_nano - span.start_time_unix_nano, 0),
    transform(span.status.code, [1, 2], ['Ok', 'Error'], 'Unset'),
    span.status.message,
    arrayMap(e -> fromUnixTimestamp64Nano(toInt64(e.time_unix_nano)), span.events),
    arrayMap(e -> e.name, span.events),
    arrayMap(e -> sextant_attributes(e.attributes), span.events),
    arrayMap(l -> lower(hex(l.trace_id)), span.links),
    arrayMap(l -> lower(hex(l.span_id)), span.links),
    arrayMap(l -> l.trace_state, span.links),
    arrayMap(l -> sextant_attributes(l.attributes), span.links),
    node, stream, epoch, sequence,
    fromUnixTimestamp64Nano(toInt64(received_unix_nano)),
    {number:UInt64}
FROM
(
    SELECT
        node, stream, epoch, sequence, received_unix_nano, ServiceName, ResourceAttributes,
        scope_spans.scope.name AS ScopeName,
        scope_spans.scope.version AS ScopeVersion,
        scope_spans.spans AS spans
    FROM
    (
        SELECT
            node, stream, epoch, sequence, received_unix_nano,
            sextant_attributes(resource_spans.resource.attributes) AS ResourceAttributes,
            ResourceAttributes['service.name'] AS ServiceName,
            resource_spans.scope_spans AS scopes
        FROM file({path:String}, 'Protobuf', {structure:String})
        ARRAY JOIN resource_spans
    )
    ARRAY JOIN scopes AS scope_spans
)
ARRAY JOIN spans AS span
