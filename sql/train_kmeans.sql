-- Segments that are kept: what has one exact answer.
CREATE TABLE customer (id int PRIMARY KEY, orders int, spend numeric, member boolean, country text);
INSERT INTO customer VALUES (1, 1, 10, false, 'Spain'), (2, 2, 12, false, 'Spain'), (3, 1, 11, false, 'France'),
  (4, 2, 9, false, 'France'), (5, 20, 1000, true, 'Spain'), (6, 22, 1100, true, 'Spain'), (7, 21, 900, true, 'Spain');
SELECT model, version, algorithm, row_count, segments, noise, round(inertia::numeric, 4) AS inertia,
       round(silhouette::numeric, 4) AS silhouette, options
  FROM train_kmeans('customer', '{orders,spend}', 2, key_column => 'id');
SELECT id, segment_of(id) AS by_key, assign_segment('segments', ARRAY[orders, spend]) AS by_features FROM customer ORDER BY id;
-- What changes in the table counts at once; what is missing gives NULL, unless the training had a value for it.
UPDATE customer SET orders = 19, spend = 800 WHERE id = 1;
SELECT segment_of(1), segment_of(99), segment_of(NULL::bigint), segment_of('1'), assign_segment('segments', NULL),
       assign_segment('segments', '{1,NULL}'), assign_segment('segments', '{1,NaN}');
-- Texts become a column for each category. Where k is not given it is chosen.
SELECT segments, options->'k' AS k, options->'features' AS features, jsonb_array_length(metrics->'curve') AS tried
  FROM train_kmeans('customer', model => 'mixed', key_column => 'id', max_k => 4);
SELECT id, segment_of(id, 'mixed') FROM customer ORDER BY id;
SELECT model, version, active, algorithm, source, users, items, ratings, options->>'scale' AS scale, metrics ? 'silhouette' AS judged
  FROM personalize.models ORDER BY model;
-- Missing values.
INSERT INTO customer VALUES (8, NULL, 11, NULL, ' ');
SELECT train_kmeans('customer', '{orders,spend}', 2);
SELECT segments FROM train_kmeans('customer', '{orders,spend,member,country}', 2, 'filled', missing => 'median', key_column => 'id');
SELECT segment_of(8, 'filled'), segment_of(8);
-- More than differ.
SELECT segments FROM train_kmeans('customer', '{member}', 5, 'few', missing => 'zero');
-- Versions.
SELECT version, segments FROM train_kmeans('customer', '{spend}', 3, key_column => 'id');
SELECT assign_segment('segments', '{1,10}');
SELECT activate_model('segments', 1);
SELECT assign_segment('segments', '{1,10}');

-- A recommender is no model of segments, nor the other way round.
CREATE TABLE ratings AS SELECT u AS user_id, i AS item_id, 1 AS rating FROM generate_series(1, 5) AS u, generate_series(1, 5) AS i WHERE u <> i;
SELECT users FROM train_knn('ratings', 'recommender');
SELECT * FROM recommend_for(1, 3, 'segments');
SELECT predict_rating(1, 2, 'segments');
SELECT * FROM popular_items(3, 'segments');
SELECT * FROM evaluate_model('segments', 'ratings');
SELECT assign_segment('recommender', '{1,2}');
SELECT segment_of(1, 'recommender');

-- Wrong input.
SELECT assign_segment('nothing', '{1,2}');
SELECT assign_segment(NULL, '{1,2}');
SELECT assign_segment('segments', '{1}');
SELECT assign_segment('segments', '{{1,2}}');
SELECT assign_segment('segments', '{1,Infinity}');
SELECT assign_segment('mixed', '{1,2}');
SELECT segment_of(1, 'few');
SELECT segment_of('x');
SELECT train_kmeans('customer', '{orders,nothing}', 2);
SELECT train_kmeans('customer', '{}', 2);
SELECT train_kmeans('customer', '{spend}', 0);
SELECT train_kmeans('customer', '{spend}', min_k => 5, max_k => 4);
SELECT train_kmeans('customer', '{spend}', 2, scale => 'log');
SELECT train_kmeans('customer', '{spend}', 2, missing => 'maybe');
SELECT train_kmeans('customer', '{spend}', 2, key_column => 'spend');
SELECT train_kmeans('customer', '{spend}', 2, '');
SELECT train_kmeans('customer', '{spend}', NULL, NULL);
CREATE TABLE odd (t timestamptz, x float8, name text);
SELECT train_kmeans('odd', '{t}', 2);
SELECT train_kmeans('odd', '{x}', 2);
INSERT INTO odd VALUES (now(), 'Infinity', 'a');
SELECT train_kmeans('odd', '{x}', 2);
INSERT INTO odd SELECT now(), 1, k FROM generate_series(1, 100) AS k;
SELECT train_kmeans('odd', '{name}', 2);
SELECT train_kmeans('odd', '{x,name,x}', 2);
SET personalize.threads = 1;
SET personalize.max_memory = '1MB';
CREATE TABLE many AS SELECT k AS x FROM generate_series(1, 50000) AS k;
SELECT train_kmeans('many', '{x}', 2);
RESET personalize.max_memory;
RESET personalize.threads;
BEGIN TRANSACTION READ ONLY;
SELECT train_kmeans('many', '{x}', 2);
ROLLBACK;
ALTER TABLE customer RENAME spend TO amount;
SELECT segment_of(1);
ALTER TABLE customer RENAME amount TO spend;
DROP TABLE customer;
SELECT segment_of(1);
SELECT drop_model(model) FROM personalize.models WHERE active ORDER BY model;
DROP TABLE ratings, odd, many;
