CREATE FUNCTION @extschema@.describe_features(data regclass, columns name[] DEFAULT NULL)
  RETURNS TABLE (column_name name, type text, row_count bigint, missing bigint, distinct_values bigint,
    mean double precision, deviation double precision, minimum double precision, q1 double precision,
    median double precision, q3 double precision, maximum double precision, outliers bigint)
  LANGUAGE C STABLE PARALLEL RESTRICTED COST 100000 ROWS 20 AS 'MODULE_PATHNAME', 'describe_features';
COMMENT ON FUNCTION @extschema@.describe_features(regclass, name[])
  IS 'the columns of a relation, one row each: missing and distinct values, and how numbers are spread';
