-- A column of the ratings that has another type than at the training, or is gone, or the table is: what was stored is served.
CREATE TABLE rated AS SELECT u AS user_id, i AS item_id, (1 + (u * i) % 5)::real AS rating, timestamptz '2026-01-01' AS at
  FROM generate_series(1, 20) AS u, generate_series(1, 15) AS i WHERE (u + i) % 3 > 0;
SET client_min_messages = warning;
CREATE FUNCTION train_all() RETURNS void LANGUAGE sql AS $$
  SELECT FROM train_mf('rated', 'mf', time_column => 'at');
  SELECT FROM train_knn('rated', 'knn', rating_column => NULL);
$$;
CREATE FUNCTION served(model text) RETURNS text LANGUAGE sql AS $$
  SELECT string_agg(item_id || ' ' || reason, ', ') FROM recommend_for(5, 2, model)
$$;
SELECT train_all();
CREATE TABLE before AS SELECT m, served(m) AS answer FROM unnest('{mf,knn}'::text[]) AS m;
\set serve 'SELECT m, served(m) = answer AS as_stored FROM before;'
BEGIN;
ALTER TABLE rated ALTER user_id TYPE text;
:serve
-- The session says it once for each version.
:serve
ROLLBACK;
SELECT train_all();
BEGIN;
ALTER TABLE rated ALTER item_id TYPE uuid USING gen_random_uuid();
:serve
ROLLBACK;
SELECT train_all();
-- Only the first knows ratings and times.
BEGIN;
ALTER TABLE rated ALTER rating TYPE date USING '2026-01-01';
:serve
ROLLBACK;
SELECT train_all();
BEGIN;
ALTER TABLE rated ALTER rating TYPE text USING 'good';
:serve
ROLLBACK;
SELECT train_all();
BEGIN;
ALTER TABLE rated ALTER at TYPE text;
:serve
SELECT count(*) FROM explain_recommendation(5, 1, 1, 'knn');
SELECT name, detail FROM user_profile(5, 'mf') WHERE name = 'answers';
ROLLBACK;
-- The table has gone.
SELECT train_all();
BEGIN;
ALTER TABLE rated RENAME TO moved;
:serve
SELECT count(*) FROM explain_recommendation(5, 1, 1, 'mf');
ROLLBACK;
-- Another type of the same kind is no change.
SELECT train_all();
ALTER TABLE rated ALTER user_id TYPE bigint, ALTER item_id TYPE smallint, ALTER rating TYPE numeric, ALTER at TYPE date;
DELETE FROM rated WHERE user_id = 5;
SELECT m, served(m) LIKE '%popular%' AS as_now FROM before;
DROP TABLE rated, before;
DROP FUNCTION served(text), train_all();
SELECT drop_model(m) IS NOT NULL AS dropped FROM unnest('{mf,knn}'::text[]) AS m;
