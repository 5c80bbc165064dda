CREATE FUNCTION @extschema@.popular_items(n integer DEFAULT 10, model text DEFAULT 'default')
  RETURNS TABLE (item_id bigint, score real)
  LANGUAGE C STABLE PARALLEL RESTRICTED ROWS 10 SUPPORT personalize.rows_first_argument
  AS 'MODULE_PATHNAME', 'popular_items';
COMMENT ON FUNCTION @extschema@.popular_items(integer, text) IS 'the items that most users of the last training chose';

CREATE FUNCTION @extschema@.popular_items(n integer, model text, item_type anyelement)
  RETURNS TABLE (item_id anyelement, score real)
  LANGUAGE C STABLE PARALLEL RESTRICTED ROWS 10 SUPPORT personalize.rows_first_argument
  AS 'MODULE_PATHNAME', 'popular_items';
COMMENT ON FUNCTION @extschema@.popular_items(integer, text, anyelement)
  IS 'the items that most users of the last training chose; the last argument names the type of item ids';
