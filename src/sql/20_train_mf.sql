CREATE TYPE personalize.training AS (
  model text,
  version integer,
  algorithm text,
  users bigint,
  items bigint,
  ratings bigint,
  skipped bigint,
  merged bigint,
  iterations integer,
  loss double precision,
  seconds double precision,
  options jsonb,
  timings jsonb,
  metrics jsonb
);
COMMENT ON TYPE personalize.training IS 'what a training did';

CREATE FUNCTION @extschema@.train_mf(
  ratings regclass,
  model text DEFAULT 'default',
  user_column name DEFAULT 'user_id',
  item_column name DEFAULT 'item_id',
  rating_column name DEFAULT 'rating',
  feedback text DEFAULT 'implicit',
  positive_from real DEFAULT NULL,
  weighting text DEFAULT 'binary',
  factors integer DEFAULT NULL,
  iterations integer DEFAULT NULL,
  regularization real DEFAULT NULL,
  unobserved_weight real DEFAULT NULL,
  solver text DEFAULT 'als',
  learning_rate real DEFAULT NULL,
  tolerance real DEFAULT 0,
  seed bigint DEFAULT 0,
  on_duplicate text DEFAULT NULL,
  time_column name DEFAULT NULL,
  half_life interval DEFAULT NULL,
  fold_in boolean DEFAULT true,
  holdout double precision DEFAULT NULL,
  split text DEFAULT 'random',
  split_from text DEFAULT NULL,
  k integer DEFAULT 10,
  refit boolean DEFAULT false,
  items regclass DEFAULT NULL,
  item_key name DEFAULT NULL,
  attributes name[] DEFAULT NULL,
  text_columns name[] DEFAULT NULL,
  language regconfig DEFAULT 'pg_catalog.simple',
  min_items integer DEFAULT 2,
  max_share double precision DEFAULT 0.5)
  RETURNS personalize.training
  LANGUAGE C VOLATILE PARALLEL UNSAFE COST 1000000 AS 'MODULE_PATHNAME', 'train_mf';
COMMENT ON FUNCTION @extschema@.train_mf(regclass, text, name, name, name, text, real, text, integer, integer, real, real,
  text, real, real, bigint, text, name, interval, boolean, double precision, text, text, integer, boolean,
  regclass, name, name[], name[], regconfig, integer, double precision)
  IS 'trains a matrix factorization on a ratings table and makes it the active version of a model';
