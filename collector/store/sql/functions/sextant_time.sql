-- The time that a row is stored under: the record's own, or the time of receipt for one that cannot be believed.
CREATE OR REPLACE FUNCTION sextant_time AS (nano, received) ->
    fromUnixTimestamp64Nano(toInt64(if(sextant_plausible(nano, received), nano, received)))
