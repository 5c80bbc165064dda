CREATE FUNCTION @extschema@.similar_items(
  INOUT item_id bigint, n integer DEFAULT 10, model text DEFAULT 'default', OUT score real)
  RETURNS SETOF record
  LANGUAGE C STABLE PARALLEL RESTRICTED COST 10000 ROWS 10 SUPPORT personalize.rows_second_argument
  AS 'MODULE_PATHNAME', 'similar_items';
COMMENT ON FUNCTION @extschema@.similar_items(bigint, integer, text)
  IS 'items chosen by the same users, by cosine of factors';

CREATE FUNCTION @extschema@.similar_items(
  INOUT item_id uuid, n integer DEFAULT 10, model text DEFAULT 'default', OUT score real)
  RETURNS SETOF record
  LANGUAGE C STABLE PARALLEL RESTRICTED COST 10000 ROWS 10 SUPPORT personalize.rows_second_argument
  AS 'MODULE_PATHNAME', 'similar_items';
COMMENT ON FUNCTION @extschema@.similar_items(uuid, integer, text)
  IS 'items chosen by the same users, by cosine of factors';

CREATE FUNCTION @extschema@.similar_items(
  INOUT item_id text, n integer DEFAULT 10, model text DEFAULT 'default', OUT score real)
  RETURNS SETOF record
  LANGUAGE C STABLE PARALLEL RESTRICTED COST 10000 ROWS 10 SUPPORT personalize.rows_second_argument
  AS 'MODULE_PATHNAME', 'similar_items';
COMMENT ON FUNCTION @extschema@.similar_items(text, integer, text)
  IS 'items chosen by the same users, by cosine of factors';

CREATE FUNCTION @extschema@.similar_users(
  INOUT user_id bigint, n integer DEFAULT 10, model text DEFAULT 'default', OUT score real)
  RETURNS SETOF record
  LANGUAGE C STABLE PARALLEL RESTRICTED COST 10000 ROWS 10 SUPPORT personalize.rows_second_argument
  AS 'MODULE_PATHNAME', 'similar_users';
COMMENT ON FUNCTION @extschema@.similar_users(bigint, integer, text)
  IS 'users who choose the same items, by cosine of factors';

CREATE FUNCTION @extschema@.similar_users(
  INOUT user_id uuid, n integer DEFAULT 10, model text DEFAULT 'default', OUT score real)
  RETURNS SETOF record
  LANGUAGE C STABLE PARALLEL RESTRICTED COST 10000 ROWS 10 SUPPORT personalize.rows_second_argument
  AS 'MODULE_PATHNAME', 'similar_users';
COMMENT ON FUNCTION @extschema@.similar_users(uuid, integer, text)
  IS 'users who choose the same items, by cosine of factors';

CREATE FUNCTION @extschema@.similar_users(
  INOUT user_id text, n integer DEFAULT 10, model text DEFAULT 'default', OUT score real)
  RETURNS SETOF record
  LANGUAGE C STABLE PARALLEL RESTRICTED COST 10000 ROWS 10 SUPPORT personalize.rows_second_argument
  AS 'MODULE_PATHNAME', 'similar_users';
COMMENT ON FUNCTION @extschema@.similar_users(text, integer, text)
  IS 'users who choose the same items, by cosine of factors';
