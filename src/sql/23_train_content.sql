CREATE FUNCTION @extschema@.train_content(
  ratings regclass,
  model text DEFAULT 'default',
  user_column name DEFAULT 'user_id',
  item_column name DEFAULT 'item_id',
  rating_column name DEFAULT 'rating',
  feedback text DEFAULT 'implicit',
  positive_from real DEFAULT NULL,
  weighting text DEFAULT 'binary',
  items regclass DEFAULT NULL,
  item_key name DEFAULT NULL,
  attributes name[] DEFAULT NULL,
  text_columns name[] DEFAULT NULL,
  language regconfig DEFAULT 'pg_catalog.simple',
  min_items integer DEFAULT 2,
  max_share double precision DEFAULT 0.5,
  seed bigint DEFAULT 0,
  on_duplicate text DEFAULT NULL,
  time_column name DEFAULT NULL,
  half_life interval DEFAULT NULL,
  fold_in boolean DEFAULT true,
  holdout double precision DEFAULT NULL,
  split text DEFAULT 'random',
  split_from text DEFAULT NULL,
  k integer DEFAULT 10,
  refit boolean DEFAULT false)
  RETURNS personalize.training
  LANGUAGE C VOLATILE PARALLEL UNSAFE COST 1000000 AS 'MODULE_PATHNAME', 'train_content';
COMMENT ON FUNCTION @extschema@.train_content(regclass, text, name, name, name, text, real, text, regclass, name, name[],
  name[], regconfig, integer, double precision, bigint, text, name, interval, boolean, double precision, text, text, integer, boolean)
  IS 'describes items by their attributes and texts, users by the items they rated, and makes that the active version of a model';
