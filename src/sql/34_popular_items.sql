CREATE FUNCTION @extschema@.popular_items(n integer DEFAULT 10, model text DEFAULT 'default', segment integer DEFAULT NULL,
    segments text DEFAULT 'segments')
  RETURNS TABLE (item_id bigint, score real)
  LANGUAGE C STABLE PARALLEL RESTRICTED ROWS 10 SUPPORT personalize.rows_first_argument
  AS 'MODULE_PATHNAME', 'popular_items';
COMMENT ON FUNCTION @extschema@.popular_items(integer, text, integer, text)
  IS 'the items that most users of the last training chose, or that most users of a segment have chosen by now';

-- Where a type is named, both arguments of a segment are given or none: with a default among them, untyped literals could
-- mean the function above as well.
CREATE FUNCTION @extschema@.popular_items(n integer, model text, item_type anyelement)
  RETURNS TABLE (item_id anyelement, score real)
  LANGUAGE C STABLE PARALLEL RESTRICTED ROWS 10 SUPPORT personalize.rows_first_argument
  AS 'MODULE_PATHNAME', 'popular_items';
COMMENT ON FUNCTION @extschema@.popular_items(integer, text, anyelement)
  IS 'the items that most users of the last training chose; the third argument names the type of item ids';

CREATE FUNCTION @extschema@.popular_items(n integer, model text, item_type anyelement, segment integer, segments text)
  RETURNS TABLE (item_id anyelement, score real)
  LANGUAGE C STABLE PARALLEL RESTRICTED ROWS 10 SUPPORT personalize.rows_first_argument
  AS 'MODULE_PATHNAME', 'popular_items';
COMMENT ON FUNCTION @extschema@.popular_items(integer, text, anyelement, integer, text)
  IS 'the items that most users of a segment have chosen by now; the third argument names the type of item ids';
