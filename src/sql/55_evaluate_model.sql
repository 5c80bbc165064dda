CREATE FUNCTION @extschema@.evaluate_model(
  model text,
  test regclass,
  k integer DEFAULT 10,
  user_column name DEFAULT NULL,
  item_column name DEFAULT NULL,
  rating_column name DEFAULT NULL,
  relevant_from real DEFAULT NULL,
  exclude_seen boolean DEFAULT true,
  cold text DEFAULT 'leave_out',
  candidates integer DEFAULT NULL,
  seed bigint DEFAULT 0)
  RETURNS TABLE (metric text, value double precision, standard_error double precision,
                 popularity double precision, users bigint, ratings bigint)
  LANGUAGE C STABLE PARALLEL RESTRICTED COST 1000000 ROWS 20 AS 'MODULE_PATHNAME', 'evaluate_model';
COMMENT ON FUNCTION @extschema@.evaluate_model(text, regclass, integer, name, name, name, real, boolean, text, integer, bigint)
  IS 'how good a model is on ratings that it was not trained on, beside recommending what is popular';
