CREATE FUNCTION @extschema@.predict_rating_interval(
  user_id bigint, item_id bigint, coverage double precision DEFAULT 0.9, model text DEFAULT 'default',
  OUT rating real, OUT lower real, OUT upper real)
  RETURNS record
  LANGUAGE C STABLE PARALLEL RESTRICTED COST 20000 AS 'MODULE_PATHNAME', 'predict_rating_interval';
COMMENT ON FUNCTION @extschema@.predict_rating_interval(bigint, bigint, double precision, text)
  IS 'what a user is expected to think of an item, and a range that holds it as often as asked for';

CREATE FUNCTION @extschema@.predict_rating_interval(
  user_id bigint, item_id uuid, coverage double precision DEFAULT 0.9, model text DEFAULT 'default',
  OUT rating real, OUT lower real, OUT upper real)
  RETURNS record
  LANGUAGE C STABLE PARALLEL RESTRICTED COST 20000 AS 'MODULE_PATHNAME', 'predict_rating_interval';
COMMENT ON FUNCTION @extschema@.predict_rating_interval(bigint, uuid, double precision, text)
  IS 'what a user is expected to think of an item, and a range that holds it as often as asked for';

CREATE FUNCTION @extschema@.predict_rating_interval(
  user_id bigint, item_id text, coverage double precision DEFAULT 0.9, model text DEFAULT 'default',
  OUT rating real, OUT lower real, OUT upper real)
  RETURNS record
  LANGUAGE C STABLE PARALLEL RESTRICTED COST 20000 AS 'MODULE_PATHNAME', 'predict_rating_interval';
COMMENT ON FUNCTION @extschema@.predict_rating_interval(bigint, text, double precision, text)
  IS 'what a user is expected to think of an item, and a range that holds it as often as asked for';

CREATE FUNCTION @extschema@.predict_rating_interval(
  user_id uuid, item_id bigint, coverage double precision DEFAULT 0.9, model text DEFAULT 'default',
  OUT rating real, OUT lower real, OUT upper real)
  RETURNS record
  LANGUAGE C STABLE PARALLEL RESTRICTED COST 20000 AS 'MODULE_PATHNAME', 'predict_rating_interval';
COMMENT ON FUNCTION @extschema@.predict_rating_interval(uuid, bigint, double precision, text)
  IS 'what a user is expected to think of an item, and a range that holds it as often as asked for';

CREATE FUNCTION @extschema@.predict_rating_interval(
  user_id uuid, item_id uuid, coverage double precision DEFAULT 0.9, model text DEFAULT 'default',
  OUT rating real, OUT lower real, OUT upper real)
  RETURNS record
  LANGUAGE C STABLE PARALLEL RESTRICTED COST 20000 AS 'MODULE_PATHNAME', 'predict_rating_interval';
COMMENT ON FUNCTION @extschema@.predict_rating_interval(uuid, uuid, double precision, text)
  IS 'what a user is expected to think of an item, and a range that holds it as often as asked for';

CREATE FUNCTION @extschema@.predict_rating_interval(
  user_id uuid, item_id text, coverage double precision DEFAULT 0.9, model text DEFAULT 'default',
  OUT rating real, OUT lower real, OUT upper real)
  RETURNS record
  LANGUAGE C STABLE PARALLEL RESTRICTED COST 20000 AS 'MODULE_PATHNAME', 'predict_rating_interval';
COMMENT ON FUNCTION @extschema@.predict_rating_interval(uuid, text, double precision, text)
  IS 'what a user is expected to think of an item, and a range that holds it as often as asked for';

CREATE FUNCTION @extschema@.predict_rating_interval(
  user_id text, item_id bigint, coverage double precision DEFAULT 0.9, model text DEFAULT 'default',
  OUT rating real, OUT lower real, OUT upper real)
  RETURNS record
  LANGUAGE C STABLE PARALLEL RESTRICTED COST 20000 AS 'MODULE_PATHNAME', 'predict_rating_interval';
COMMENT ON FUNCTION @extschema@.predict_rating_interval(text, bigint, double precision, text)
  IS 'what a user is expected to think of an item, and a range that holds it as often as asked for';

CREATE FUNCTION @extschema@.predict_rating_interval(
  user_id text, item_id uuid, coverage double precision DEFAULT 0.9, model text DEFAULT 'default',
  OUT rating real, OUT lower real, OUT upper real)
  RETURNS record
  LANGUAGE C STABLE PARALLEL RESTRICTED COST 20000 AS 'MODULE_PATHNAME', 'predict_rating_interval';
COMMENT ON FUNCTION @extschema@.predict_rating_interval(text, uuid, double precision, text)
  IS 'what a user is expected to think of an item, and a range that holds it as often as asked for';

CREATE FUNCTION @extschema@.predict_rating_interval(
  user_id text, item_id text, coverage double precision DEFAULT 0.9, model text DEFAULT 'default',
  OUT rating real, OUT lower real, OUT upper real)
  RETURNS record
  LANGUAGE C STABLE PARALLEL RESTRICTED COST 20000 AS 'MODULE_PATHNAME', 'predict_rating_interval';
COMMENT ON FUNCTION @extschema@.predict_rating_interval(text, text, double precision, text)
  IS 'what a user is expected to think of an item, and a range that holds it as often as asked for';
