CREATE FUNCTION @extschema@.kmeans_segment(features double precision[], k integer, scale text DEFAULT 'none',
    seed bigint DEFAULT 0) RETURNS integer
  LANGUAGE C IMMUTABLE WINDOW PARALLEL SAFE AS 'MODULE_PATHNAME', 'kmeans_segment';
COMMENT ON FUNCTION @extschema@.kmeans_segment(double precision[], integer, text, bigint)
  IS 'which of k segments of the partition a row is in, by k-means; the largest is 1';

CREATE FUNCTION @extschema@.dbscan_segment(features double precision[], eps double precision, min_points integer,
    scale text DEFAULT 'none') RETURNS integer
  LANGUAGE C IMMUTABLE WINDOW PARALLEL SAFE AS 'MODULE_PATHNAME', 'dbscan_segment';
COMMENT ON FUNCTION @extschema@.dbscan_segment(double precision[], double precision, integer, text)
  IS 'which dense segment of the partition a row is in, by DBSCAN, the largest is 1; NULL for noise';
