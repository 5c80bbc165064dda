CREATE FUNCTION @extschema@.recommend_for(
  user_id bigint, n integer DEFAULT 10, model text DEFAULT 'default', exclude_seen boolean DEFAULT true,
  candidates bigint[] DEFAULT NULL, diversity real DEFAULT 0, boost regclass DEFAULT NULL)
  RETURNS TABLE (item_id bigint, score real, reason text)
  LANGUAGE C STABLE PARALLEL RESTRICTED COST 10000 ROWS 10 SUPPORT personalize.rows_second_argument
  AS 'MODULE_PATHNAME', 'recommend_for';
COMMENT ON FUNCTION @extschema@.recommend_for(bigint, integer, text, boolean, bigint[], real, regclass)
  IS 'the best items for a user now, by their current ratings';

CREATE FUNCTION @extschema@.recommend_for(
  user_id uuid, n integer DEFAULT 10, model text DEFAULT 'default', exclude_seen boolean DEFAULT true,
  candidates uuid[] DEFAULT NULL, diversity real DEFAULT 0, boost regclass DEFAULT NULL)
  RETURNS TABLE (item_id uuid, score real, reason text)
  LANGUAGE C STABLE PARALLEL RESTRICTED COST 10000 ROWS 10 SUPPORT personalize.rows_second_argument
  AS 'MODULE_PATHNAME', 'recommend_for';
COMMENT ON FUNCTION @extschema@.recommend_for(uuid, integer, text, boolean, uuid[], real, regclass)
  IS 'the best items for a user now, by their current ratings';

CREATE FUNCTION @extschema@.recommend_for(
  user_id text, n integer DEFAULT 10, model text DEFAULT 'default', exclude_seen boolean DEFAULT true,
  candidates text[] DEFAULT NULL, diversity real DEFAULT 0, boost regclass DEFAULT NULL)
  RETURNS TABLE (item_id text, score real, reason text)
  LANGUAGE C STABLE PARALLEL RESTRICTED COST 10000 ROWS 10 SUPPORT personalize.rows_second_argument
  AS 'MODULE_PATHNAME', 'recommend_for';
COMMENT ON FUNCTION @extschema@.recommend_for(text, integer, text, boolean, text[], real, regclass)
  IS 'the best items for a user now, by their current ratings';

-- Where user and item ids differ in type, a third argument whose value is not used names the item type.
CREATE FUNCTION @extschema@.recommend_for(
  user_id uuid, n integer, item_type bigint, model text DEFAULT 'default', exclude_seen boolean DEFAULT true,
  candidates bigint[] DEFAULT NULL, diversity real DEFAULT 0, boost regclass DEFAULT NULL)
  RETURNS TABLE (item_id bigint, score real, reason text)
  LANGUAGE C STABLE PARALLEL RESTRICTED COST 10000 ROWS 10 SUPPORT personalize.rows_second_argument
  AS 'MODULE_PATHNAME', 'recommend_for';
COMMENT ON FUNCTION @extschema@.recommend_for(uuid, integer, bigint, text, boolean, bigint[], real, regclass)
  IS 'the best items for a user now, by their current ratings; the third argument names the type of item ids';

CREATE FUNCTION @extschema@.recommend_for(
  user_id text, n integer, item_type bigint, model text DEFAULT 'default', exclude_seen boolean DEFAULT true,
  candidates bigint[] DEFAULT NULL, diversity real DEFAULT 0, boost regclass DEFAULT NULL)
  RETURNS TABLE (item_id bigint, score real, reason text)
  LANGUAGE C STABLE PARALLEL RESTRICTED COST 10000 ROWS 10 SUPPORT personalize.rows_second_argument
  AS 'MODULE_PATHNAME', 'recommend_for';
COMMENT ON FUNCTION @extschema@.recommend_for(text, integer, bigint, text, boolean, bigint[], real, regclass)
  IS 'the best items for a user now, by their current ratings; the third argument names the type of item ids';

CREATE FUNCTION @extschema@.recommend_for(
  user_id bigint, n integer, item_type uuid, model text DEFAULT 'default', exclude_seen boolean DEFAULT true,
  candidates uuid[] DEFAULT NULL, diversity real DEFAULT 0, boost regclass DEFAULT NULL)
  RETURNS TABLE (item_id uuid, score real, reason text)
  LANGUAGE C STABLE PARALLEL RESTRICTED COST 10000 ROWS 10 SUPPORT personalize.rows_second_argument
  AS 'MODULE_PATHNAME', 'recommend_for';
COMMENT ON FUNCTION @extschema@.recommend_for(bigint, integer, uuid, text, boolean, uuid[], real, regclass)
  IS 'the best items for a user now, by their current ratings; the third argument names the type of item ids';

CREATE FUNCTION @extschema@.recommend_for(
  user_id text, n integer, item_type uuid, model text DEFAULT 'default', exclude_seen boolean DEFAULT true,
  candidates uuid[] DEFAULT NULL, diversity real DEFAULT 0, boost regclass DEFAULT NULL)
  RETURNS TABLE (item_id uuid, score real, reason text)
  LANGUAGE C STABLE PARALLEL RESTRICTED COST 10000 ROWS 10 SUPPORT personalize.rows_second_argument
  AS 'MODULE_PATHNAME', 'recommend_for';
COMMENT ON FUNCTION @extschema@.recommend_for(text, integer, uuid, text, boolean, uuid[], real, regclass)
  IS 'the best items for a user now, by their current ratings; the third argument names the type of item ids';
