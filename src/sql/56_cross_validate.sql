CREATE FUNCTION @extschema@.cross_validate(
  ratings regclass,
  trainer text DEFAULT 'train_mf',
  options jsonb DEFAULT '{}',
  split text DEFAULT 'random',
  folds integer DEFAULT 5,
  k integer DEFAULT 10,
  holdout double precision DEFAULT NULL,
  relevant_from real DEFAULT NULL,
  candidates integer DEFAULT NULL,
  seed bigint DEFAULT 0)
  RETURNS TABLE (fold integer, metric text, value double precision, standard_error double precision,
                 popularity double precision, users bigint, ratings bigint)
  LANGUAGE C STABLE PARALLEL RESTRICTED COST 1000000 ROWS 100 AS 'MODULE_PATHNAME', 'cross_validate';
COMMENT ON FUNCTION @extschema@.cross_validate(regclass, text, jsonb, text, integer, integer, double precision, real, integer, bigint)
  IS 'how good a trainer with its options is on ratings held out in turn; nothing is kept';
