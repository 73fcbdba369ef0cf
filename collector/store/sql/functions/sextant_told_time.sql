-- Attributes, with the time that the record told when the row is not stored under it.
CREATE OR REPLACE FUNCTION sextant_told_time AS (attributes, nano, received) ->
    if(sextant_plausible(nano, received), attributes,
        mapUpdate(attributes, CAST(map('sextant.told_time_unix_nano', toString(nano)), 'Map(LowCardinality(String), String)')))
