-- Key-value pairs of OTLP as the Map that the tables hold.
CREATE OR REPLACE FUNCTION sextant_attributes AS (pairs) ->
    CAST((arrayMap(p -> p.key, pairs), arrayMap(p -> sextant_text(p.value), pairs)), 'Map(LowCardinality(String), String)')
