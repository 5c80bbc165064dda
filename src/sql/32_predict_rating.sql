CREATE FUNCTION @extschema@.predict_rating(user_id bigint, item_id bigint, model text DEFAULT 'default')
  RETURNS real LANGUAGE C STABLE PARALLEL RESTRICTED COST 100 AS 'MODULE_PATHNAME', 'predict_rating';
COMMENT ON FUNCTION @extschema@.predict_rating(bigint, bigint, text) IS 'what a user is expected to think of an item';

CREATE FUNCTION @extschema@.predict_rating(user_id bigint, item_id uuid, model text DEFAULT 'default')
  RETURNS real LANGUAGE C STABLE PARALLEL RESTRICTED COST 100 AS 'MODULE_PATHNAME', 'predict_rating';
COMMENT ON FUNCTION @extschema@.predict_rating(bigint, uuid, text) IS 'what a user is expected to think of an item';

CREATE FUNCTION @extschema@.predict_rating(user_id bigint, item_id text, model text DEFAULT 'default')
  RETURNS real LANGUAGE C STABLE PARALLEL RESTRICTED COST 100 AS 'MODULE_PATHNAME', 'predict_rating';
COMMENT ON FUNCTION @extschema@.predict_rating(bigint, text, text) IS 'what a user is expected to think of an item';

CREATE FUNCTION @extschema@.predict_rating(user_id uuid, item_id bigint, model text DEFAULT 'default')
  RETURNS real LANGUAGE C STABLE PARALLEL RESTRICTED COST 100 AS 'MODULE_PATHNAME', 'predict_rating';
COMMENT ON FUNCTION @extschema@.predict_rating(uuid, bigint, text) IS 'what a user is expected to think of an item';

CREATE FUNCTION @extschema@.predict_rating(user_id uuid, item_id uuid, model text DEFAULT 'default')
  RETURNS real LANGUAGE C STABLE PARALLEL RESTRICTED COST 100 AS 'MODULE_PATHNAME', 'predict_rating';
COMMENT ON FUNCTION @extschema@.predict_rating(uuid, uuid, text) IS 'what a user is expected to think of an item';

CREATE FUNCTION @extschema@.predict_rating(user_id uuid, item_id text, model text DEFAULT 'default')
  RETURNS real LANGUAGE C STABLE PARALLEL RESTRICTED COST 100 AS 'MODULE_PATHNAME', 'predict_rating';
COMMENT ON FUNCTION @extschema@.predict_rating(uuid, text, text) IS 'what a user is expected to think of an item';

CREATE FUNCTION @extschema@.predict_rating(user_id text, item_id bigint, model text DEFAULT 'default')
  RETURNS real LANGUAGE C STABLE PARALLEL RESTRICTED COST 100 AS 'MODULE_PATHNAME', 'predict_rating';
COMMENT ON FUNCTION @extschema@.predict_rating(text, bigint, text) IS 'what a user is expected to think of an item';

CREATE FUNCTION @extschema@.predict_rating(user_id text, item_id uuid, model text DEFAULT 'default')
  RETURNS real LANGUAGE C STABLE PARALLEL RESTRICTED COST 100 AS 'MODULE_PATHNAME', 'predict_rating';
COMMENT ON FUNCTION @extschema@.predict_rating(text, uuid, text) IS 'what a user is expected to think of an item';

CREATE FUNCTION @extschema@.predict_rating(user_id text, item_id text, model text DEFAULT 'default')
  RETURNS real LANGUAGE C STABLE PARALLEL RESTRICTED COST 100 AS 'MODULE_PATHNAME', 'predict_rating';
COMMENT ON FUNCTION @extschema@.predict_rating(text, text, text) IS 'what a user is expected to think of an item';
