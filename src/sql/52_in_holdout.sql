-- "any": ids of two types, and no guess at the type of an untyped one, whose hash could not be that of the
-- column it is meant to equal.
CREATE FUNCTION @extschema@.in_holdout(user_id "any", item_id "any", fraction double precision, seed bigint DEFAULT 0)
  RETURNS boolean LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME', 'in_holdout';
COMMENT ON FUNCTION @extschema@.in_holdout("any", "any", double precision, bigint)
  IS 'whether a pair of user and item belongs to the holdout that has a fraction of all pairs; NULL for a NULL id';
