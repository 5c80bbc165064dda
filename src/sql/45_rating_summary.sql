CREATE FUNCTION @extschema@.rating_summary(
  ratings regclass,
  user_column name DEFAULT 'user_id',
  item_column name DEFAULT 'item_id',
  rating_column name DEFAULT 'rating',
  time_column name DEFAULT NULL,
  lowest real DEFAULT NULL,
  highest real DEFAULT NULL)
  RETURNS TABLE (measure text, value double precision, detail text)
  LANGUAGE C STABLE PARALLEL RESTRICTED COST 100000 ROWS 50 AS 'MODULE_PATHNAME', 'rating_summary';
COMMENT ON FUNCTION @extschema@.rating_summary(regclass, name, name, name, name, real, real)
  IS 'what a ratings table holds, and warnings of what to do about it before training';
