CREATE FUNCTION @extschema@.recommend_all(n integer DEFAULT 10, model text DEFAULT 'default')
  RETURNS TABLE (user_id bigint, item_id bigint, score real, rank integer)
  LANGUAGE C STABLE PARALLEL RESTRICTED COST 1000000 ROWS 10000 SUPPORT personalize.rows_for_all_users
  AS 'MODULE_PATHNAME', 'recommend_all';
COMMENT ON FUNCTION @extschema@.recommend_all(integer, text)
  IS 'the best items for every user of the last training';

CREATE FUNCTION @extschema@.recommend_all(n integer, model text, user_type anyelement, item_type anycompatible)
  RETURNS TABLE (user_id anyelement, item_id anycompatible, score real, rank integer)
  LANGUAGE C STABLE PARALLEL RESTRICTED COST 1000000 ROWS 10000 SUPPORT personalize.rows_for_all_users
  AS 'MODULE_PATHNAME', 'recommend_all';
COMMENT ON FUNCTION @extschema@.recommend_all(integer, text, anyelement, anycompatible)
  IS 'the best items for every user of the last training; the last two arguments name the types of the ids';
