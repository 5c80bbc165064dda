-- What was shown to whom: an application writes it, the report reads it. No index: each would cost an application more
-- than it saves the report, which reads and sorts everything.
CREATE TABLE personalize.impression (
  user_id text NOT NULL,
  item_id text NOT NULL,
  rank integer,
  model text NOT NULL DEFAULT 'default',
  version integer,
  shown_at timestamptz NOT NULL DEFAULT pg_catalog.now()
);
COMMENT ON TABLE personalize.impression IS 'items that were shown to users, logged by applications for conversion_report';
SELECT pg_catalog.pg_extension_config_dump('personalize.impression', '');
-- Whoever installs the extension decides who may write and read, as does the database's owner: so that grants which one
-- of them made are restored, too, where a superuser restores their dump.
GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON personalize.impression
  TO @extowner@, pg_database_owner WITH GRANT OPTION;

CREATE FUNCTION @extschema@.conversion_report(
  impressions regclass,
  events regclass,
  within interval DEFAULT '7 days',
  user_column name DEFAULT 'user_id',
  item_column name DEFAULT 'item_id',
  time_column name DEFAULT 'at',
  kind_column name DEFAULT NULL,
  reference text DEFAULT NULL,
  confidence double precision DEFAULT 0.95)
  RETURNS TABLE (
    kind text, model text, version integer, shown bigint, pending bigint, users bigint, converted bigint,
    rate double precision, low double precision, high double precision, lift double precision,
    p_value double precision, verdict text)
  LANGUAGE C STABLE PARALLEL RESTRICTED COST 1000000 ROWS 10 AS 'MODULE_PATHNAME', 'conversion_report';
COMMENT ON FUNCTION @extschema@.conversion_report(regclass, regclass, interval, name, name, name, name, text,
  double precision)
  IS 'how often impressions were followed by an event, by version of a model, compared with one of them';
