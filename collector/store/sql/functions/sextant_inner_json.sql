-- A value inside an array or a map, as JSON text.
CREATE OR REPLACE FUNCTION sextant_inner_json AS (v) -> multiIf(
    v.value = 'string_value', toJSONString(v.string_value),
    v.value = 'int_value', toString(v.int_value),
    v.value = 'bool_value', if(v.bool_value != 0, 'true', 'false'),
    v.value = 'double_value', if(isFinite(v.double_value), toString(v.double_value), concat('"', toString(v.double_value), '"')),
    v.value = 'bytes_value', concat('"', base64Encode(v.bytes_value), '"'),
    v.value = 'array_value', concat('[', arrayStringConcat(arrayMap(x -> sextant_leaf_json(x), v.array_value.values), ','), ']'),
    v.value = 'kvlist_value', concat('{', arrayStringConcat(arrayMap(p -> concat(toJSONString(p.key), ':', sextant_leaf_json(p.value)), v.kvlist_value.values), ','), '}'),
    'null')
