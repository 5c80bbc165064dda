CREATE FUNCTION @extschema@.segment_quality(model text DEFAULT 'segments')
  RETURNS TABLE (segments integer, row_count bigint, noise bigint, inertia double precision, silhouette double precision,
    silhouette_rows bigint, davies_bouldin double precision, calinski_harabasz double precision, stability double precision)
  LANGUAGE C STABLE PARALLEL RESTRICTED ROWS 1 AS 'MODULE_PATHNAME', 'segment_quality';
COMMENT ON FUNCTION @extschema@.segment_quality(text) IS 'how well the segments of a model divide the rows of its training';

CREATE FUNCTION @extschema@.segment_profile(model text DEFAULT 'segments', features integer DEFAULT 3)
  RETURNS TABLE (segment integer, size bigint, share double precision, summary text)
  LANGUAGE C STABLE PARALLEL RESTRICTED ROWS 10 AS 'MODULE_PATHNAME', 'segment_profile';
COMMENT ON FUNCTION @extschema@.segment_profile(text, integer) IS 'the segments of a model, and what sets each apart, in words';

CREATE FUNCTION @extschema@.segment_means(model text DEFAULT 'segments')
  RETURNS TABLE (segment integer, feature text, category text, mean double precision, overall_mean double precision,
    deviations double precision)
  LANGUAGE C STABLE PARALLEL RESTRICTED ROWS 50 AS 'MODULE_PATHNAME', 'segment_means';
COMMENT ON FUNCTION @extschema@.segment_means(text) IS 'the mean of each feature in each segment of a model, beside that of all rows';

CREATE FUNCTION @extschema@.segment_drift(model text DEFAULT 'segments', data regclass DEFAULT NULL)
  RETURNS TABLE (kind text, name text, at_training double precision, now double precision, stability_index double precision)
  LANGUAGE C STABLE PARALLEL RESTRICTED ROWS 20 AS 'MODULE_PATHNAME', 'segment_drift';
COMMENT ON FUNCTION @extschema@.segment_drift(text, regclass) IS 'how rows have moved between segments, and their features, since the training';

CREATE FUNCTION @extschema@.segment_neighbors(data regclass, features name[] DEFAULT NULL, min_points integer DEFAULT 5,
    scale text DEFAULT 'zscore', missing text DEFAULT 'refuse')
  RETURNS TABLE (share double precision, distance double precision, proposed boolean)
  LANGUAGE C STABLE PARALLEL RESTRICTED ROWS 22 AS 'MODULE_PATHNAME', 'segment_neighbors';
COMMENT ON FUNCTION @extschema@.segment_neighbors(regclass, name[], integer, text, text)
  IS 'the distances of rows to their min_points-th neighbour, and the eps that their curve proposes for train_dbscan';
