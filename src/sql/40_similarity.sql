CREATE FUNCTION @extschema@.cosine_sim(a anycompatiblearray, b anycompatiblearray) RETURNS double precision
  LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cosine_sim_vectors';
COMMENT ON FUNCTION @extschema@.cosine_sim(anycompatiblearray, anycompatiblearray) IS 'cosine of two vectors, NULL if one is zero';

CREATE FUNCTION @extschema@.pearson_sim(a anycompatiblearray, b anycompatiblearray) RETURNS double precision
  LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'pearson_sim_vectors';
COMMENT ON FUNCTION @extschema@.pearson_sim(anycompatiblearray, anycompatiblearray) IS 'Pearson correlation of two vectors, NULL if one is constant';

CREATE FUNCTION @extschema@.dot_sim(a anycompatiblearray, b anycompatiblearray) RETURNS double precision
  LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dot_sim_vectors';
COMMENT ON FUNCTION @extschema@.dot_sim(anycompatiblearray, anycompatiblearray) IS 'dot product of two vectors';

CREATE FUNCTION @extschema@.jaccard_sim(a anycompatiblearray, b anycompatiblearray) RETURNS double precision
  LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'jaccard_sim_sets';
COMMENT ON FUNCTION @extschema@.jaccard_sim(anycompatiblearray, anycompatiblearray)
  IS 'elements of both sets divided by elements of one or both, NULL if both are empty';

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
  INITCOND = '{0,0,0,0,0}',
  COMBINEFUNC = personalize.cosine_sim_combine,
  FINALFUNC = personalize.cosine_sim_result,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE @extschema@.cosine_sim(double precision, double precision)
  IS 'cosine of two columns over the rows of a group; rows with a NULL are passed over';

CREATE FUNCTION personalize.pearson_sim_accumulate(double precision[], double precision, double precision)
  RETURNS double precision[] LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'pearson_sim_accumulate';
COMMENT ON FUNCTION personalize.pearson_sim_accumulate(double precision[], double precision, double precision)
  IS 'a step of the aggregate pearson_sim';
CREATE FUNCTION personalize.pearson_sim_combine(double precision[], double precision[])
  RETURNS double precision[] LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'pearson_sim_combine';
COMMENT ON FUNCTION personalize.pearson_sim_combine(double precision[], double precision[])
  IS 'joins two parts of the aggregate pearson_sim';
CREATE FUNCTION personalize.pearson_sim_result(double precision[])
  RETURNS double precision LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'pearson_sim_result';
COMMENT ON FUNCTION personalize.pearson_sim_result(double precision[]) IS 'the result of the aggregate pearson_sim';

CREATE AGGREGATE @extschema@.pearson_sim(x double precision, y double precision) (
  SFUNC = personalize.pearson_sim_accumulate,
  STYPE = double precision[],
  INITCOND = '{0,0,0,0,0,0,0,0,0,0}',
  COMBINEFUNC = personalize.pearson_sim_combine,
  FINALFUNC = personalize.pearson_sim_result,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE @extschema@.pearson_sim(double precision, double precision)
  IS 'Pearson correlation of two columns over the rows of a group; rows with a NULL are passed over';

CREATE FUNCTION personalize.jaccard_sim_accumulate(double precision[], boolean, boolean)
  RETURNS double precision[] LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'jaccard_sim_accumulate';
COMMENT ON FUNCTION personalize.jaccard_sim_accumulate(double precision[], boolean, boolean)
  IS 'a step of the aggregate jaccard_sim';
CREATE FUNCTION personalize.jaccard_sim_combine(double precision[], double precision[])
  RETURNS double precision[] LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'jaccard_sim_combine';
COMMENT ON FUNCTION personalize.jaccard_sim_combine(double precision[], double precision[])
  IS 'joins two parts of the aggregate jaccard_sim';
CREATE FUNCTION personalize.jaccard_sim_result(double precision[])
  RETURNS double precision LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'jaccard_sim_result';
COMMENT ON FUNCTION personalize.jaccard_sim_result(double precision[]) IS 'the result of the aggregate jaccard_sim';

CREATE AGGREGATE @extschema@.jaccard_sim(x boolean, y boolean) (
  SFUNC = personalize.jaccard_sim_accumulate,
  STYPE = double precision[],
  INITCOND = '{0,0}',
  COMBINEFUNC = personalize.jaccard_sim_combine,
  FINALFUNC = personalize.jaccard_sim_result,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE @extschema@.jaccard_sim(boolean, boolean)
  IS 'rows where both are true divided by rows where one is, over the rows of a group; rows with a NULL are passed over';
