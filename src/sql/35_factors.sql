CREATE FUNCTION @extschema@.user_factors(model text DEFAULT 'default')
  RETURNS TABLE (user_id bigint, factor real[], bias real)
  LANGUAGE C STABLE PARALLEL RESTRICTED ROWS 10000 SUPPORT personalize.rows_of_users
  AS 'MODULE_PATHNAME', 'user_factors';
COMMENT ON FUNCTION @extschema@.user_factors(text) IS 'the factors of all users of the last training';

CREATE FUNCTION @extschema@.user_factors(model text, user_type anyelement)
  RETURNS TABLE (user_id anyelement, factor real[], bias real)
  LANGUAGE C STABLE PARALLEL RESTRICTED ROWS 10000 SUPPORT personalize.rows_of_users
  AS 'MODULE_PATHNAME', 'user_factors';
COMMENT ON FUNCTION @extschema@.user_factors(text, anyelement)
  IS 'the factors of all users of the last training; the last argument names the type of user ids';

CREATE FUNCTION @extschema@.item_factors(model text DEFAULT 'default')
  RETURNS TABLE (item_id bigint, factor real[], bias real)
  LANGUAGE C STABLE PARALLEL RESTRICTED ROWS 10000 SUPPORT personalize.rows_of_items
  AS 'MODULE_PATHNAME', 'item_factors';
COMMENT ON FUNCTION @extschema@.item_factors(text) IS 'the factors of all items of the last training';

CREATE FUNCTION @extschema@.item_factors(model text, item_type anyelement)
  RETURNS TABLE (item_id anyelement, factor real[], bias real)
  LANGUAGE C STABLE PARALLEL RESTRICTED ROWS 10000 SUPPORT personalize.rows_of_items
  AS 'MODULE_PATHNAME', 'item_factors';
COMMENT ON FUNCTION @extschema@.item_factors(text, anyelement)
  IS 'the factors of all items of the last training; the last argument names the type of item ids';
