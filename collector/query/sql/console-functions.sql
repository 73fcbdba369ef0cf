-- Every function of the engine, with what kind it is of.
SELECT name, is_aggregate = 1 AS aggregate, case_insensitive = 1 AS anyCase, alias_to AS aliasOf, toString(categories) AS category,
  toString(origin) = 'SQLUserDefined' AS ours
FROM system.functions
