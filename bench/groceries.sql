-- Few items that most people share: the table of groceries in doc/performance.md.
-- `data`: a directory with groceries.csv (a basket on each line, its items between commas).
--   tools/server psql -X -q -v ON_ERROR_STOP=1 -v data=... -f bench/groceries.sql
CREATE EXTENSION personalize;
CREATE TABLE line (basket bigint GENERATED ALWAYS AS IDENTITY, items text);
\set file :data '/groceries.csv'
COPY line (items) FROM :'file' (DELIMITER E'\b');
CREATE TABLE baskets AS SELECT basket::text AS user_id, item_id FROM line, unnest(string_to_array(items, ',')) AS item_id;
CREATE INDEX ON baskets (user_id) INCLUDE (item_id);
VACUUM ANALYZE baskets;
SET client_min_messages = warning;
SELECT count(*) AS lines, count(DISTINCT user_id) AS baskets, count(DISTINCT item_id) AS items FROM baskets;

CREATE FUNCTION ndcg(trained personalize.training) RETURNS TABLE (ndcg numeric, standard_error numeric, popularity numeric) LANGUAGE sql AS $$
  SELECT round((m->>'value')::numeric, 3), round((m->>'standard_error')::numeric, 4), round((m->>'popularity')::numeric, 3)
    FROM (SELECT trained.metrics->'measures'->'ndcg') AS t (m)
$$;
SELECT 'train_mf' AS trained, n.* FROM train_mf('baskets', rating_column => NULL, holdout => 0.1) AS t, ndcg(t) AS n
UNION ALL SELECT 'train_mf, 8 factors', n.* FROM train_mf('baskets', rating_column => NULL, holdout => 0.1, factors => 8) AS t, ndcg(t) AS n
UNION ALL SELECT 'train_mf, 2 factors', n.* FROM train_mf('baskets', rating_column => NULL, holdout => 0.1, factors => 2) AS t, ndcg(t) AS n
UNION ALL SELECT 'train_knn', n.* FROM train_knn('baskets', rating_column => NULL, holdout => 0.1) AS t, ndcg(t) AS n
UNION ALL SELECT 'train_knn, RP3beta', n.* FROM train_knn('baskets', rating_column => NULL, holdout => 0.1, similarity => 'rp3beta') AS t, ndcg(t) AS n
UNION ALL SELECT 'train_ease', n.* FROM train_ease('baskets', rating_column => NULL, holdout => 0.1) AS t, ndcg(t) AS n;
