-- sextant_attributes for files in which no value is an array or a map.
CREATE OR REPLACE FUNCTION sextant_flat_attributes AS (pairs) ->
    CAST((arrayMap(p -> p.key, pairs), arrayMap(p -> sextant_flat_text(p.value), pairs)), 'Map(LowCardinality(String), String)')
