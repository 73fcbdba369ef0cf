-- A value inside an array or a map, as JSON text. What lies deeper is base64 of its bytes.
CREATE OR REPLACE FUNCTION sextant_leaf_json AS (v) -> multiIf(
    v.value = 'string_value', toJSONString(v.string_value),
    v.value = 'int_value', toString(v.int_value),
    v.value = 'bool_value', if(v.bool_value != 0, 'true', 'false'),
    v.value = 'double_value', if(isFinite(v.double_value), toString(v.double_value), concat('"', toString(v.double_value), '"')),
    v.value = 'bytes_value', concat('"', base64Encode(v.bytes_value), '"'),
    v.value = 'array_value', concat('"', base64Encode(v.array_value), '"'),
    v.value = 'kvlist_value', concat('"', base64Encode(v.kvlist_value), '"'),
    'null')
