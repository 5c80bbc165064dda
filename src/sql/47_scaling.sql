CREATE FUNCTION @extschema@.zscore(x double precision) RETURNS double precision
  LANGUAGE C IMMUTABLE WINDOW PARALLEL SAFE AS 'MODULE_PATHNAME', 'zscore';
COMMENT ON FUNCTION @extschema@.zscore(double precision)
  IS 'x less the mean of the partition, divided by its (population) standard deviation';

CREATE FUNCTION @extschema@.min_max(x double precision) RETURNS double precision
  LANGUAGE C IMMUTABLE WINDOW PARALLEL SAFE AS 'MODULE_PATHNAME', 'min_max';
COMMENT ON FUNCTION @extschema@.min_max(double precision)
  IS 'x on a scale where the minimum of the partition is 0 and its maximum 1';

CREATE FUNCTION @extschema@.robust_scale(x double precision) RETURNS double precision
  LANGUAGE C IMMUTABLE WINDOW PARALLEL SAFE AS 'MODULE_PATHNAME', 'robust_scale';
COMMENT ON FUNCTION @extschema@.robust_scale(double precision)
  IS 'x less the median of the partition, divided by its interquartile range';

CREATE FUNCTION @extschema@.fill_missing(x double precision, method text) RETURNS double precision
  LANGUAGE C IMMUTABLE WINDOW PARALLEL SAFE AS 'MODULE_PATHNAME', 'fill_missing';
COMMENT ON FUNCTION @extschema@.fill_missing(double precision, text)
  IS 'x, or where it is NULL or NaN the mean or median of the partition, or zero';
