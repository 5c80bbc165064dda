CREATE FUNCTION @extschema@.explain_recommendation(
  user_id bigint, item_id bigint, n integer DEFAULT 10, model text DEFAULT 'default',
  OUT because_of bigint, OUT contribution real, OUT reason text)
  RETURNS SETOF record
  LANGUAGE C STABLE PARALLEL RESTRICTED COST 20000 ROWS 10 AS 'MODULE_PATHNAME', 'explain_recommendation';
COMMENT ON FUNCTION @extschema@.explain_recommendation(bigint, bigint, integer, text)
  IS 'what each of a user''s ratings adds to the score of an item';

CREATE FUNCTION @extschema@.explain_recommendation(
  user_id bigint, item_id uuid, n integer DEFAULT 10, model text DEFAULT 'default',
  OUT because_of uuid, OUT contribution real, OUT reason text)
  RETURNS SETOF record
  LANGUAGE C STABLE PARALLEL RESTRICTED COST 20000 ROWS 10 AS 'MODULE_PATHNAME', 'explain_recommendation';
COMMENT ON FUNCTION @extschema@.explain_recommendation(bigint, uuid, integer, text)
  IS 'what each of a user''s ratings adds to the score of an item';

CREATE FUNCTION @extschema@.explain_recommendation(
  user_id bigint, item_id text, n integer DEFAULT 10, model text DEFAULT 'default',
  OUT because_of text, OUT contribution real, OUT reason text)
  RETURNS SETOF record
  LANGUAGE C STABLE PARALLEL RESTRICTED COST 20000 ROWS 10 AS 'MODULE_PATHNAME', 'explain_recommendation';
COMMENT ON FUNCTION @extschema@.explain_recommendation(bigint, text, integer, text)
  IS 'what each of a user''s ratings adds to the score of an item';

CREATE FUNCTION @extschema@.explain_recommendation(
  user_id uuid, item_id bigint, n integer DEFAULT 10, model text DEFAULT 'default',
  OUT because_of bigint, OUT contribution real, OUT reason text)
  RETURNS SETOF record
  LANGUAGE C STABLE PARALLEL RESTRICTED COST 20000 ROWS 10 AS 'MODULE_PATHNAME', 'explain_recommendation';
COMMENT ON FUNCTION @extschema@.explain_recommendation(uuid, bigint, integer, text)
  IS 'what each of a user''s ratings adds to the score of an item';

CREATE FUNCTION @extschema@.explain_recommendation(
  user_id uuid, item_id uuid, n integer DEFAULT 10, model text DEFAULT 'default',
  OUT because_of uuid, OUT contribution real, OUT reason text)
  RETURNS SETOF record
  LANGUAGE C STABLE PARALLEL RESTRICTED COST 20000 ROWS 10 AS 'MODULE_PATHNAME', 'explain_recommendation';
COMMENT ON FUNCTION @extschema@.explain_recommendation(uuid, uuid, integer, text)
  IS 'what each of a user''s ratings adds to the score of an item';

CREATE FUNCTION @extschema@.explain_recommendation(
  user_id uuid, item_id text, n integer DEFAULT 10, model text DEFAULT 'default',
  OUT because_of text, OUT contribution real, OUT reason text)
  RETURNS SETOF record
  LANGUAGE C STABLE PARALLEL RESTRICTED COST 20000 ROWS 10 AS 'MODULE_PATHNAME', 'explain_recommendation';
COMMENT ON FUNCTION @extschema@.explain_recommendation(uuid, text, integer, text)
  IS 'what each of a user''s ratings adds to the score of an item';

CREATE FUNCTION @extschema@.explain_recommendation(
  user_id text, item_id bigint, n integer DEFAULT 10, model text DEFAULT 'default',
  OUT because_of bigint, OUT contribution real, OUT reason text)
  RETURNS SETOF record
  LANGUAGE C STABLE PARALLEL RESTRICTED COST 20000 ROWS 10 AS 'MODULE_PATHNAME', 'explain_recommendation';
COMMENT ON FUNCTION @extschema@.explain_recommendation(text, bigint, integer, text)
  IS 'what each of a user''s ratings adds to the score of an item';

CREATE FUNCTION @extschema@.explain_recommendation(
  user_id text, item_id uuid, n integer DEFAULT 10, model text DEFAULT 'default',
  OUT because_of uuid, OUT contribution real, OUT reason text)
  RETURNS SETOF record
  LANGUAGE C STABLE PARALLEL RESTRICTED COST 20000 ROWS 10 AS 'MODULE_PATHNAME', 'explain_recommendation';
COMMENT ON FUNCTION @extschema@.explain_recommendation(text, uuid, integer, text)
  IS 'what each of a user''s ratings adds to the score of an item';

CREATE FUNCTION @extschema@.explain_recommendation(
  user_id text, item_id text, n integer DEFAULT 10, model text DEFAULT 'default',
  OUT because_of text, OUT contribution real, OUT reason text)
  RETURNS SETOF record
  LANGUAGE C STABLE PARALLEL RESTRICTED COST 20000 ROWS 10 AS 'MODULE_PATHNAME', 'explain_recommendation';
COMMENT ON FUNCTION @extschema@.explain_recommendation(text, text, integer, text)
  IS 'what each of a user''s ratings adds to the score of an item';
