CREATE FUNCTION @extschema@.train_hybrid(
  components text[],
  weights real[] DEFAULT NULL,
  model text DEFAULT 'default',
  test regclass DEFAULT NULL,
  k integer DEFAULT 10,
  seed bigint DEFAULT 0)
  RETURNS personalize.training
  LANGUAGE C VOLATILE PARALLEL UNSAFE COST 1000000 AS 'MODULE_PATHNAME', 'train_hybrid';
COMMENT ON FUNCTION @extschema@.train_hybrid(text[], real[], text, regclass, integer, bigint)
  IS 'blends trained models into one, with weights that are given, equal, or best on test ratings';
