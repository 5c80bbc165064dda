-- What segments are like: what has one exact answer.
CREATE TABLE customer (id int, orders int, spend float8, member boolean, country text);
INSERT INTO customer SELECT k, 2, 10, false, CASE WHEN k <= 4 THEN 'Spain' ELSE 'France' END FROM generate_series(1, 6) AS k;
INSERT INTO customer SELECT k, 20, 100, true, 'Spain' FROM generate_series(7, 8) AS k;
SELECT segments FROM train_kmeans('customer', '{orders,spend,member,country}', 2);
SELECT segments, row_count, noise, inertia::numeric(8, 4), silhouette::numeric(8, 4), silhouette_rows, davies_bouldin::numeric(8, 4),
       calinski_harabasz::numeric(8, 4), stability::numeric(8, 4) FROM segment_quality();
SELECT * FROM segment_profile();
SELECT segment, summary FROM segment_profile('segments', 1);
SELECT segment, feature, category, mean::numeric(8, 4), overall_mean::numeric(8, 4), deviations::numeric(8, 4) FROM segment_means();
SELECT kind, name, at_training::numeric(8, 4), now::numeric(8, 4), stability_index::numeric(8, 4) FROM segment_drift();
CREATE TABLE later AS SELECT * FROM customer;
INSERT INTO later SELECT k, 20, 100, true, 'Italy' FROM generate_series(9, 15) AS k;
INSERT INTO later VALUES (16, NULL, 1, true, 'Spain');
SELECT kind, name, at_training::numeric(8, 4), now::numeric(8, 4), stability_index::numeric(8, 4) FROM segment_drift(data => 'later');
TRUNCATE later;
SELECT * FROM segment_drift('segments', 'later');
-- DBSCAN has noise, and no stability.
INSERT INTO customer VALUES (9, 500, 3, false, 'Spain');
SELECT segments, noise FROM train_dbscan('customer', '{orders,spend}', 0.5, 2);
SELECT segments, row_count, noise, silhouette_rows, stability FROM segment_quality();
SELECT kind, name, at_training::numeric(8, 4), now::numeric(8, 4) FROM segment_drift() WHERE kind = 'segment';
-- One segment.
SELECT segments FROM train_kmeans('customer', '{orders}', 1, model => 'one');
SELECT segments, silhouette, davies_bouldin, calinski_harabasz, stability FROM segment_quality('one');
SELECT * FROM segment_profile('one');
-- Distances to neighbours.
SELECT share::numeric(4, 2), distance::numeric(8, 4), proposed FROM segment_neighbors('customer', '{orders,spend}', 2, scale => 'none')
  WHERE share IN (0, 0.5, 1) OR proposed;

-- Long categories are cut in words, and kept as they are beside numbers.
CREATE TABLE long_word AS SELECT k AS id, CASE WHEN k % 2 = 0 THEN repeat('ä', 50000) ELSE 'b' END AS word FROM generate_series(1, 10) AS k;
SELECT segments FROM train_kmeans('long_word', '{word}', 2, 'long');
SELECT segment, length(summary), left(summary, 60) FROM segment_profile('long');
SELECT DISTINCT length(category) FROM segment_means('long') ORDER BY 1;

-- Wrong input.
SELECT * FROM segment_drift('one', 0);
CREATE TABLE far AS SELECT CASE WHEN k = 100 THEN 1e149 ELSE k * 1e-9 END::float8 AS x FROM generate_series(1, 100) AS k;
SELECT * FROM segment_neighbors('far', '{x}', 3, 'robust');
SELECT train_dbscan('far', '{x}', 1, 3, scale => 'robust');
SELECT count(*) FROM segment_neighbors('far', '{x}', 3, 'none');
SELECT * FROM segment_quality('nothing');
SELECT * FROM segment_profile(NULL);
SELECT * FROM segment_profile(features => -1);
ALTER TABLE later ALTER orders TYPE text;
SELECT * FROM segment_drift('one', 'later');
ALTER TABLE later DROP orders;
SELECT * FROM segment_drift('one', 'later');
SELECT * FROM segment_neighbors('customer', '{orders}', 0);
SELECT * FROM segment_neighbors('later', '{spend}');
SELECT drop_model(model) FROM personalize.models WHERE active ORDER BY model;
DROP TABLE customer, later, long_word, far;
