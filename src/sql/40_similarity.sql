CREATE FUNCTION @extschema@.cosine_sim(a real[], b real[]) RETURNS double precision
  LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cosine_sim_real';
COMMENT ON FUNCTION @extschema@.cosine_sim(real[], real[]) IS 'cosine of two vectors, NULL if one is zero';

CREATE FUNCTION @extschema@.cosine_sim(a double precision[], b double precision[]) RETURNS double precision
  LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cosine_sim_double';
COMMENT ON FUNCTION @extschema@.cosine_sim(double precision[], double precision[]) IS 'cosine of two vectors, NULL if one is zero';

CREATE FUNCTION @extschema@.pearson_sim(a real[], b real[]) RETURNS double precision
  LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'pearson_sim_real';
COMMENT ON FUNCTION @extschema@.pearson_sim(real[], real[]) IS 'Pearson correlation of two vectors, NULL if one is constant';

CREATE FUNCTION @extschema@.pearson_sim(a double precision[], b double precision[]) RETURNS double precision
  LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'pearson_sim_double';
COMMENT ON FUNCTION @extschema@.pearson_sim(double precision[], double precision[]) IS 'Pearson correlation of two vectors, NULL if one is constant';

CREATE FUNCTION @extschema@.dot_sim(a real[], b real[]) RETURNS double precision
  LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dot_sim_real';
COMMENT ON FUNCTION @extschema@.dot_sim(real[], real[]) IS 'dot product of two vectors';

CREATE FUNCTION @extschema@.dot_sim(a double precision[], b double precision[]) RETURNS double precision
  LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dot_sim_double';
COMMENT ON FUNCTION @extschema@.dot_sim(double precision[], double precision[]) IS 'dot product of two vectors';

CREATE FUNCTION personalize.cosine_sim_accumulate(double precision[], double precision, double precision)
  RETURNS double precision[] LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'cosine_sim_accumulate';
COMMENT ON FUNCTION personalize.cosine_sim_accumulate(double precision[], double precision, double precision)
  IS 'a step of the aggregate cosine_sim';
CREATE FUNCTION personalize.cosine_sim_combine(double precision[], double precision[])
  RETURNS double precision[] LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cosine_sim_combine';
COMMENT ON FUNCTION personalize.cosine_sim_combine(double precision[], double precision[])
  IS 'joins two parts of the aggregate cosine_sim';
CREATE FUNCTION personalize.cosine_sim_result(double precision[])
  RETURNS double precision LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cosine_sim_result';
COMMENT ON FUNCTION personalize.cosine_sim_result(double precision[]) IS 'the result of the aggregate cosine_sim';

CREATE AGGREGATE @extschema@.cosine_sim(x double precision, y double precision) (
  SFUNC = personalize.cosine_sim_accumulate,
  STYPE = double precision[],
  INITCOND = '{0,0,0}',
  COMBINEFUNC = personalize.cosine_sim_combine,
  FINALFUNC = personalize.cosine_sim_result,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE @extschema@.cosine_sim(double precision, double precision)
  IS 'cosine of two columns over the rows of a group; rows with a NULL are passed over';
