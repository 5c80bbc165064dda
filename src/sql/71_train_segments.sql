CREATE TYPE personalize.segment_training AS (
  model text,
  version integer,
  algorithm text,
  row_count bigint,
  segments integer,
  noise bigint,
  inertia double precision,
  silhouette double precision,
  seconds double precision,
  options jsonb,
  metrics jsonb
);
COMMENT ON TYPE personalize.segment_training IS 'what a training of segments did';

CREATE FUNCTION @extschema@.train_kmeans(
  data regclass,
  features name[] DEFAULT NULL,
  k integer DEFAULT NULL,
  model text DEFAULT 'segments',
  scale text DEFAULT 'zscore',
  missing text DEFAULT 'refuse',
  key_column name DEFAULT NULL,
  min_k integer DEFAULT 2,
  max_k integer DEFAULT 10,
  restarts integer DEFAULT NULL,
  max_iterations integer DEFAULT 300,
  tolerance double precision DEFAULT 1e-4,
  seed bigint DEFAULT 0)
  RETURNS personalize.segment_training
  LANGUAGE C VOLATILE PARALLEL UNSAFE COST 1000000 AS 'MODULE_PATHNAME', 'train_kmeans';
COMMENT ON FUNCTION @extschema@.train_kmeans(regclass, name[], integer, text, text, text, name, integer, integer, integer,
  integer, double precision, bigint) IS 'divides the rows of a table into segments by k-means, kept as a model';

CREATE FUNCTION @extschema@.train_dbscan(
  data regclass,
  features name[] DEFAULT NULL,
  eps double precision DEFAULT NULL,
  min_points integer DEFAULT 5,
  model text DEFAULT 'segments',
  scale text DEFAULT 'zscore',
  missing text DEFAULT 'refuse',
  key_column name DEFAULT NULL)
  RETURNS personalize.segment_training
  LANGUAGE C VOLATILE PARALLEL UNSAFE COST 1000000 AS 'MODULE_PATHNAME', 'train_dbscan';
COMMENT ON FUNCTION @extschema@.train_dbscan(regclass, name[], double precision, integer, text, text, text, name)
  IS 'divides the rows of a table into dense segments and noise by DBSCAN, kept as a model';

CREATE FUNCTION @extschema@.assign_segment(model text, features double precision[]) RETURNS integer
  LANGUAGE C STABLE PARALLEL RESTRICTED COST 10 AS 'MODULE_PATHNAME', 'assign_segment';
COMMENT ON FUNCTION @extschema@.assign_segment(text, double precision[]) IS 'the segment of a row with these features';

CREATE FUNCTION @extschema@.segment_of(key bigint, model text DEFAULT 'segments') RETURNS integer
  LANGUAGE C STABLE PARALLEL RESTRICTED COST 100 AS 'MODULE_PATHNAME', 'segment_of';
COMMENT ON FUNCTION @extschema@.segment_of(bigint, text) IS 'the segment of the row that now has this key in the table of the training';

CREATE FUNCTION @extschema@.segment_of(key uuid, model text DEFAULT 'segments') RETURNS integer
  LANGUAGE C STABLE PARALLEL RESTRICTED COST 100 AS 'MODULE_PATHNAME', 'segment_of';
COMMENT ON FUNCTION @extschema@.segment_of(uuid, text) IS 'the segment of the row that now has this key in the table of the training';

CREATE FUNCTION @extschema@.segment_of(key text, model text DEFAULT 'segments') RETURNS integer
  LANGUAGE C STABLE PARALLEL RESTRICTED COST 100 AS 'MODULE_PATHNAME', 'segment_of';
COMMENT ON FUNCTION @extschema@.segment_of(text, text) IS 'the segment of the row that now has this key in the table of the training';
