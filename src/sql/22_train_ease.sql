CREATE FUNCTION @extschema@.train_ease(
  ratings regclass,
  model text DEFAULT 'default',
  user_column name DEFAULT 'user_id',
  item_column name DEFAULT 'item_id',
  rating_column name DEFAULT 'rating',
  feedback text DEFAULT 'implicit',
  positive_from real DEFAULT NULL,
  weighting text DEFAULT 'binary',
  regularization real DEFAULT 250,
  dropout real DEFAULT 0,
  neighbors integer DEFAULT 200,
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
  LANGUAGE C VOLATILE PARALLEL UNSAFE COST 1000000 AS 'MODULE_PATHNAME', 'train_ease';
COMMENT ON FUNCTION @extschema@.train_ease(regclass, text, name, name, name, text, real, text, real, real, integer, bigint, text,
  name, interval, boolean, double precision, text, text, integer, boolean)
  IS 'fits a linear model of each item by the others (EASE) and makes it the active version of a model';
