-- sextant_text for files in which no value is an array or a map, as nearly all are: half the work on a small file.
CREATE OR REPLACE FUNCTION sextant_flat_text AS (v) -> multiIf(
    v.value = 'string_value', v.string_value,
    v.value = 'int_value', toString(v.int_value),
    v.value = 'bool_value', if(v.bool_value != 0, 'true', 'false'),
    v.value = 'double_value', toString(v.double_value),
    v.value = 'bytes_value', base64Encode(v.bytes_value),
    '')
