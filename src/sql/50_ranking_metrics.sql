CREATE FUNCTION @extschema@.precision_at(
  recommended anycompatiblearray, relevant anycompatiblearray, k integer)
  RETURNS double precision LANGUAGE C IMMUTABLE PARALLEL SAFE COST 50 AS 'MODULE_PATHNAME', 'precision_at';
COMMENT ON FUNCTION @extschema@.precision_at(anycompatiblearray, anycompatiblearray, integer)
  IS 'hits in the first k places / k';

CREATE FUNCTION @extschema@.recall_at(
  recommended anycompatiblearray, relevant anycompatiblearray, k integer, capped boolean DEFAULT false)
  RETURNS double precision LANGUAGE C IMMUTABLE PARALLEL SAFE COST 50 AS 'MODULE_PATHNAME', 'recall_at';
COMMENT ON FUNCTION @extschema@.recall_at(anycompatiblearray, anycompatiblearray, integer, boolean)
  IS 'hits in the first k places / relevant items; capped: / the smaller of k and relevant items';

CREATE FUNCTION @extschema@.f1_at(
  recommended anycompatiblearray, relevant anycompatiblearray, k integer)
  RETURNS double precision LANGUAGE C IMMUTABLE PARALLEL SAFE COST 50 AS 'MODULE_PATHNAME', 'f1_at';
COMMENT ON FUNCTION @extschema@.f1_at(anycompatiblearray, anycompatiblearray, integer)
  IS 'harmonic mean of precision and recall at k';

CREATE FUNCTION @extschema@.ndcg_at(
  recommended anycompatiblearray, relevant anycompatiblearray, k integer)
  RETURNS double precision LANGUAGE C IMMUTABLE PARALLEL SAFE COST 50 AS 'MODULE_PATHNAME', 'ndcg_at';
COMMENT ON FUNCTION @extschema@.ndcg_at(anycompatiblearray, anycompatiblearray, integer)
  IS 'normalized discounted cumulative gain of the first k places';

CREATE FUNCTION @extschema@.average_precision_at(
  recommended anycompatiblearray, relevant anycompatiblearray, k integer)
  RETURNS double precision LANGUAGE C IMMUTABLE PARALLEL SAFE COST 50 AS 'MODULE_PATHNAME', 'average_precision_at';
COMMENT ON FUNCTION @extschema@.average_precision_at(anycompatiblearray, anycompatiblearray, integer)
  IS 'mean precision at the ranks of the hits in the first k places';

CREATE FUNCTION @extschema@.reciprocal_rank(
  recommended anycompatiblearray, relevant anycompatiblearray, k integer)
  RETURNS double precision LANGUAGE C IMMUTABLE PARALLEL SAFE COST 50 AS 'MODULE_PATHNAME', 'reciprocal_rank';
COMMENT ON FUNCTION @extschema@.reciprocal_rank(anycompatiblearray, anycompatiblearray, integer)
  IS '1 / rank of the first hit in the first k places, 0 without one';

CREATE FUNCTION @extschema@.hit_rate_at(
  recommended anycompatiblearray, relevant anycompatiblearray, k integer)
  RETURNS double precision LANGUAGE C IMMUTABLE PARALLEL SAFE COST 50 AS 'MODULE_PATHNAME', 'hit_rate_at';
COMMENT ON FUNCTION @extschema@.hit_rate_at(anycompatiblearray, anycompatiblearray, integer)
  IS '1 if one of the first k places is a hit, else 0';
