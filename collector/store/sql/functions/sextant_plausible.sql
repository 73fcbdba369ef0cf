-- Whether a record's time may be believed: up to 400 days before the collector received it and 2 days after.
-- Each day is a partition, so one sender with a broken clock could otherwise make tens of thousands of them.
CREATE OR REPLACE FUNCTION sextant_plausible AS (nano, received) ->
    nano + 34560000000000000 >= received AND nano <= received + 172800000000000
