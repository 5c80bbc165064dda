-- Dense segments that are kept: what has one exact answer.
CREATE TABLE place (id int PRIMARY KEY, x float8, y float8);
INSERT INTO place SELECT k, k % 5, k / 5 FROM generate_series(0, 24) AS k;
INSERT INTO place SELECT 100 + k, 50 + k % 3, 50 + k / 3 FROM generate_series(0, 8) AS k;
INSERT INTO place VALUES (200, 30, 30);
SELECT model, version, algorithm, row_count, segments, noise, options
  FROM train_dbscan('place', '{x,y}', 1.5, 4, scale => 'none', key_column => 'id');
SELECT segment_of(id) AS segment, count(*) FROM place GROUP BY 1 ORDER BY 1;
SELECT assign_segment('segments', '{2,3}'), assign_segment('segments', '{50,52.5}'), assign_segment('segments', '{2,10}');
SELECT segments, noise, options->>'scale' AS scale FROM train_dbscan('place', '{x,y}', 0.2, 4, model => 'scaled');
-- All noise.
SELECT segments, noise, silhouette FROM train_dbscan('place', '{x,y}', 0.001, 2, model => 'noise');
SELECT assign_segment('noise', '{1,1}');
-- Where distances bend.
SELECT segments, noise, options->'eps' AS eps FROM train_dbscan('place', '{x,y}', NULL, 4, scale => 'none', model => 'bend');

-- Wrong input.
SELECT train_dbscan('place', '{x,y}', 0);
SELECT train_dbscan('place', '{x,y}', 1, 0);
SELECT train_dbscan('place', '{x,y}', 1, scale => 'large');
SELECT train_dbscan('pg_class', '{relname,relacl}', 1);
SELECT drop_model(model) FROM personalize.models WHERE active ORDER BY model;
DROP TABLE place;
