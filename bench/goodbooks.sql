-- The table of recommenders of stars on goodbooks in doc/performance.md, with settings chosen on a cut of the training data.
-- `data`: a directory with goodbooks/ratings.csv (book, user, rating).
--   tools/server psql -X -q -v ON_ERROR_STOP=1 -v data=... -f bench/goodbooks.sql
CREATE EXTENSION personalize;
CREATE TABLE goodbooks (item_id bigint, user_id bigint, rating int);
\set file :data '/goodbooks/ratings.csv'
COPY goodbooks FROM :'file' CSV HEADER;
CREATE TABLE merged AS SELECT user_id, item_id, avg(rating)::real AS rating FROM goodbooks GROUP BY 1, 2;
CREATE TABLE train AS SELECT * FROM merged WHERE NOT in_holdout(user_id, item_id, 0.2);
CREATE TABLE test AS SELECT * FROM merged WHERE in_holdout(user_id, item_id, 0.2);
-- The cut: a tenth of the training ratings chooses settings and weights.
CREATE VIEW rest AS SELECT * FROM train WHERE NOT in_holdout(user_id, item_id, 0.1, 1);
CREATE VIEW held AS SELECT * FROM train WHERE in_holdout(user_id, item_id, 0.1, 1);
CREATE INDEX ON train (user_id) INCLUDE (item_id, rating);
VACUUM ANALYZE train, test;
SET client_min_messages = warning;

CREATE TABLE tried (kind text, setting text, rmse float8);
CREATE FUNCTION try_setting(kind text, setting text) RETURNS void LANGUAGE sql AS $$
  INSERT INTO tried SELECT kind, setting, value FROM evaluate_model(kind || ' ' || setting, 'held', 10) WHERE metric = 'rmse'
$$;
SELECT FROM unnest('{0.08,0.1,0.12,0.15,0.18,0.22}'::real[]) AS l, train_mf('rest', 'als ' || l, feedback => 'explicit', rating_column => 'rating', regularization => l);
SELECT try_setting('als', l::text) FROM unnest('{0.08,0.1,0.12,0.15,0.18,0.22}'::real[]) AS l;
SELECT FROM unnest('{8,16,32}'::int[]) AS f, train_mf('rest', 'gibbs ' || f, feedback => 'explicit', rating_column => 'rating', solver => 'gibbs', factors => f);
SELECT try_setting('gibbs', f::text) FROM unnest('{8,16,32}'::int[]) AS f;
SELECT FROM unnest('{cosine,pearson,adjusted_cosine,jaccard}'::text[]) AS s, unnest('{30,100,300}'::int[]) AS k,
  train_knn('rest', 'knn ' || s || ' ' || k, feedback => 'explicit', rating_column => 'rating', similarity => s, neighbors => k);
SELECT try_setting('knn', s || ' ' || k) FROM unnest('{cosine,pearson,adjusted_cosine,jaccard}'::text[]) AS s, unnest('{30,100,300}'::int[]) AS k;
SELECT FROM unnest('{cosine,pearson,jaccard}'::text[]) AS s, unnest('{100,300,1000}'::int[]) AS k,
  train_knn('rest', 'users ' || s || ' ' || k, feedback => 'explicit', rating_column => 'rating', based_on => 'user', similarity => s, neighbors => k);
SELECT try_setting('users', s || ' ' || k) FROM unnest('{cosine,pearson,jaccard}'::text[]) AS s, unnest('{100,300,1000}'::int[]) AS k;
SELECT * FROM tried ORDER BY kind, rmse;
CREATE VIEW chosen AS SELECT DISTINCT ON (kind) kind, setting FROM tried ORDER BY kind, rmse;
SELECT max(setting) FILTER (WHERE kind = 'als') AS lambda, max(setting) FILTER (WHERE kind = 'gibbs') AS factors,
  max(split_part(setting, ' ', 1)) FILTER (WHERE kind = 'knn') AS similarity, max(split_part(setting, ' ', 2)) FILTER (WHERE kind = 'knn') AS neighbors,
  max(split_part(setting, ' ', 1)) FILTER (WHERE kind = 'users') AS of_users, max(split_part(setting, ' ', 2)) FILTER (WHERE kind = 'users') AS neighbors_of_users FROM chosen \gset
SELECT array_agg((c->>'weight')::real) AS weights FROM (SELECT options FROM train_hybrid(ARRAY['gibbs ' || :'factors', 'knn ' || :'similarity' || ' ' || :'neighbors', 'als ' || :'lambda'], model => 'trial', test => 'held')) AS t, jsonb_array_elements(options->'components') AS c \gset
\echo Chosen on the cut: regularization :lambda, factors of gibbs :factors, items by :similarity and :neighbors neighbors, users by :of_users and :neighbors_of_users, weights of gibbs, items, als :weights

-- Everything, and the test once.
CREATE TABLE trained (model text, seconds float8);
INSERT INTO trained SELECT model, seconds FROM train_mf('train', 'als, defaults', feedback => 'explicit', rating_column => 'rating');
INSERT INTO trained SELECT model, seconds FROM train_mf('train', 'als', feedback => 'explicit', rating_column => 'rating', regularization => :lambda);
INSERT INTO trained SELECT model, seconds FROM train_mf('train', 'gibbs', feedback => 'explicit', rating_column => 'rating', solver => 'gibbs', factors => :factors);
INSERT INTO trained SELECT model, seconds FROM train_mf('train', 'gibbs, twice as long', feedback => 'explicit', rating_column => 'rating', solver => 'gibbs', factors => :factors, iterations => 200);
INSERT INTO trained SELECT model, seconds FROM train_knn('train', 'knn, defaults', feedback => 'explicit', rating_column => 'rating');
INSERT INTO trained SELECT model, seconds FROM train_knn('train', 'knn', feedback => 'explicit', rating_column => 'rating', similarity => :'similarity', neighbors => :neighbors);
INSERT INTO trained SELECT model, seconds FROM train_knn('train', 'users', feedback => 'explicit', rating_column => 'rating', based_on => 'user', similarity => :'of_users', neighbors => :neighbors_of_users);
INSERT INTO trained SELECT model, seconds FROM train_hybrid('{gibbs,knn,als}', :'weights', 'hybrid');
SELECT t.model, round(t.seconds::numeric, 1) AS seconds, round(r.value::numeric, 4) AS rmse, round(m.value::numeric, 4) AS mae, round(r.popularity::numeric, 4) AS "rmse of the mean", round(m.popularity::numeric, 4) AS "its mae"
  FROM trained AS t, evaluate_model(t.model, 'test') AS r, evaluate_model(t.model, 'test') AS m WHERE r.metric = 'rmse' AND m.metric = 'mae';

-- Mean and offsets of items, then of users, each with a weight of its own added to the count (Koren 2010, equation 2).
CREATE VIEW items AS SELECT item_id, sum(rating - mean) / (5 + count(*)) AS shift FROM train, (SELECT avg(rating) AS mean FROM train) AS m GROUP BY 1;
CREATE VIEW users AS SELECT user_id, sum(rating - mean - i.shift) / (5 + count(*)) AS shift FROM train JOIN items AS i USING (item_id), (SELECT avg(rating) AS mean FROM train) AS m GROUP BY 1;
SELECT 'offsets' AS model, round(rmse(rating::float8, predicted)::numeric, 4) AS rmse, round(mae(rating::float8, predicted)::numeric, 4) AS mae
  FROM (SELECT t.rating, greatest(1, least(5, mean + coalesce(i.shift, 0) + coalesce(u.shift, 0))) AS predicted
        FROM test AS t LEFT JOIN items AS i USING (item_id) LEFT JOIN users AS u USING (user_id), (SELECT avg(rating) AS mean FROM train) AS m) AS p;
