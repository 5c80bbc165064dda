CREATE FUNCTION @extschema@.train_knn(
  ratings regclass,
  model text DEFAULT 'default',
  user_column name DEFAULT 'user_id',
  item_column name DEFAULT 'item_id',
  rating_column name DEFAULT 'rating',
  feedback text DEFAULT 'implicit',
  positive_from real DEFAULT NULL,
  weighting text DEFAULT 'binary',
  based_on text DEFAULT 'item',
  similarity text DEFAULT 'cosine',
  neighbors integer DEFAULT 50,
  shrinkage real DEFAULT NULL,
  user_weighting text DEFAULT 'none',
  alpha real DEFAULT NULL,
  beta real DEFAULT NULL,
  search_limit integer DEFAULT NULL,
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
  LANGUAGE C VOLATILE PARALLEL UNSAFE COST 1000000 AS 'MODULE_PATHNAME', 'train_knn';
COMMENT ON FUNCTION @extschema@.train_knn(regclass, text, name, name, name, text, real, text, text, text, integer, real, text,
  real, real, integer, bigint, text, name, interval, boolean, double precision, text, text, integer, boolean)
  IS 'finds the neighbours of items, or of users, in a ratings table and makes them the active version of a model';
