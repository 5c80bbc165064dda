CREATE FUNCTION @extschema@.experiment_group(
  user_id bigint, experiment text, shares double precision[] DEFAULT '{0.5,0.5}')
  RETURNS integer LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'experiment_group';
COMMENT ON FUNCTION @extschema@.experiment_group(bigint, text, double precision[])
  IS 'the group of an experiment that a user is in, always the same';

CREATE FUNCTION @extschema@.experiment_group(
  user_id uuid, experiment text, shares double precision[] DEFAULT '{0.5,0.5}')
  RETURNS integer LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'experiment_group';
COMMENT ON FUNCTION @extschema@.experiment_group(uuid, text, double precision[])
  IS 'the group of an experiment that a user is in, always the same';

CREATE FUNCTION @extschema@.experiment_group(
  user_id text, experiment text, shares double precision[] DEFAULT '{0.5,0.5}')
  RETURNS integer LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'experiment_group';
COMMENT ON FUNCTION @extschema@.experiment_group(text, text, double precision[])
  IS 'the group of an experiment that a user is in, always the same';
