CREATE FUNCTION personalize.rmse_accumulate(double precision[], double precision, double precision)
  RETURNS double precision[] LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'rmse_accumulate';
COMMENT ON FUNCTION personalize.rmse_accumulate(double precision[], double precision, double precision)
  IS 'a step of the aggregate rmse';
CREATE FUNCTION personalize.rmse_combine(double precision[], double precision[])
  RETURNS double precision[] LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'rmse_combine';
COMMENT ON FUNCTION personalize.rmse_combine(double precision[], double precision[])
  IS 'joins two parts of the aggregate rmse';
CREATE FUNCTION personalize.rmse_result(double precision[])
  RETURNS double precision LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'rmse_result';
COMMENT ON FUNCTION personalize.rmse_result(double precision[]) IS 'the result of the aggregate rmse';

CREATE AGGREGATE @extschema@.rmse(predicted double precision, actual double precision) (
  SFUNC = personalize.rmse_accumulate,
  STYPE = double precision[],
  INITCOND = '{0,0,0}',
  COMBINEFUNC = personalize.rmse_combine,
  FINALFUNC = personalize.rmse_result,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE @extschema@.rmse(double precision, double precision)
  IS 'root mean squared error of predictions over the rows of a group; rows with a NULL are passed over';

CREATE FUNCTION personalize.mae_accumulate(double precision[], double precision, double precision)
  RETURNS double precision[] LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'mae_accumulate';
COMMENT ON FUNCTION personalize.mae_accumulate(double precision[], double precision, double precision)
  IS 'a step of the aggregate mae';
CREATE FUNCTION personalize.mae_combine(double precision[], double precision[])
  RETURNS double precision[] LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'mae_combine';
COMMENT ON FUNCTION personalize.mae_combine(double precision[], double precision[])
  IS 'joins two parts of the aggregate mae';
CREATE FUNCTION personalize.mae_result(double precision[])
  RETURNS double precision LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'mae_result';
COMMENT ON FUNCTION personalize.mae_result(double precision[]) IS 'the result of the aggregate mae';

CREATE AGGREGATE @extschema@.mae(predicted double precision, actual double precision) (
  SFUNC = personalize.mae_accumulate,
  STYPE = double precision[],
  INITCOND = '{0,0,0}',
  COMBINEFUNC = personalize.mae_combine,
  FINALFUNC = personalize.mae_result,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE @extschema@.mae(double precision, double precision)
  IS 'mean absolute error of predictions over the rows of a group; rows with a NULL are passed over';
