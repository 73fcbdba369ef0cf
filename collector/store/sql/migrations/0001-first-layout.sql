-- The tables as sql/tables creates them. Changes to tables that hold data follow as files of their own.
SELECT 1
