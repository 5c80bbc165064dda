-- A procedure, so that each trial is committed: others see it, and it stays when the tuning is cancelled.
-- The arguments up to k are those of train_mf, in its order.
CREATE PROCEDURE @extschema@.tune_mf(
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
  trials integer DEFAULT 27,
  metric text DEFAULT NULL,
  budget interval DEFAULT '10 minutes',
  max_factors integer DEFAULT 128)
  LANGUAGE C AS 'MODULE_PATHNAME', 'tune_mf';
COMMENT ON PROCEDURE @extschema@.tune_mf(regclass, text, name, name, name, text, real, text, integer, integer, real, real,
  text, real, real, bigint, text, name, interval, boolean, double precision, text, text, integer, integer, text, interval, integer)
  IS 'searches the settings of train_mf that do best on held-out ratings, and trains a model with them';
