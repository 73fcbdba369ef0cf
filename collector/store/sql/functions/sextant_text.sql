-- An AnyValue as a column holds it: text as it is, numbers and booleans in decimal and words, bytes in base64,
-- arrays and maps as JSON, nothing for a value that is not set.
CREATE OR REPLACE FUNCTION sextant_text AS (v) -> multiIf(
    v.value = 'string_value', v.string_value,
    v.value = 'int_value', toString(v.int_value),
    v.value = 'bool_value', if(v.bool_value != 0, 'true', 'false'),
    v.value = 'double_value', toString(v.double_value),
    v.value = 'bytes_value', base64Encode(v.bytes_value),
    v.value = 'array_value', concat('[', arrayStringConcat(arrayMap(x -> sextant_leaf_json(x), v.array_value.values), ','), ']'),
    v.value = 'kvlist_value', concat('{', arrayStringConcat(arrayMap(p -> concat(toJSONString(p.key), ':', sextant_leaf_json(p.value)), v.kvlist_value.values), ','), '}'),
    '')
