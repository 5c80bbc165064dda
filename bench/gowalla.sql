-- The table of recommenders on Gowalla in doc/performance.md, with settings chosen on a cut of the training data.
-- `data`: a directory with train.txt and test.txt of the split of LightGCN (a user and their items on each line).
--   tools/server psql -X -q -v ON_ERROR_STOP=1 -v data=... -f bench/gowalla.sql
CREATE EXTENSION personalize;
CREATE TABLE train (user_id int, item_id int);
CREATE TABLE test (LIKE train);
CREATE TABLE line (line text);
\set train_file :data '/train.txt'
\set test_file :data '/test.txt'
COPY line (line) FROM :'train_file';
INSERT INTO train SELECT split_part(line, ' ', 1)::int, i::int FROM line, unnest((string_to_array(trim(line), ' '))[2:]) AS i;
TRUNCATE line;
COPY line (line) FROM :'test_file';
INSERT INTO test SELECT split_part(line, ' ', 1)::int, i::int FROM line, unnest((string_to_array(trim(line), ' '))[2:]) AS i;
CREATE INDEX ON train (user_id) INCLUDE (item_id);
CREATE INDEX ON test (user_id) INCLUDE (item_id);
VACUUM ANALYZE train, test;

-- The cut: a tenth of the training ratings chooses settings and weights.
CREATE VIEW rest AS SELECT user_id::bigint, item_id::bigint FROM train WHERE NOT in_holdout(user_id::bigint, item_id::bigint, 0.1);
CREATE VIEW held AS SELECT user_id::bigint, item_id::bigint FROM train WHERE in_holdout(user_id::bigint, item_id::bigint, 0.1);
CREATE TABLE tried (setting text, recall float8, ndcg float8);
CREATE FUNCTION try_setting(setting text, relation regclass, model text) RETURNS void LANGUAGE sql AS $$
  INSERT INTO tried SELECT setting, max(value) FILTER (WHERE metric = 'recall'), max(value) FILTER (WHERE metric = 'ndcg') FROM evaluate_model(model, relation, 20)
$$;
SELECT FROM train_mf('rest', 'mf', rating_column => NULL, factors => 128);
SELECT try_setting('train_mf, 128 factors', 'held', 'mf');
SELECT FROM unnest('{0.4,0.6,0.8}'::real[]) AS a, train_knn('rest', 'rp' || a, rating_column => NULL, similarity => 'rp3beta', neighbors => 500, alpha => a, beta => 0.2);
SELECT try_setting('rp3beta, alpha ' || a, 'held', 'rp' || a) FROM unnest('{0.4,0.6,0.8}'::real[]) AS a;
SELECT FROM unnest('{50,100,200,400}'::int[]) AS k, unnest('{none,activity}'::text[]) AS w,
  train_knn('rest', 'users ' || k || ' ' || w, rating_column => NULL, based_on => 'user', neighbors => k, user_weighting => w);
SELECT try_setting('users ' || k || ' ' || w, 'held', 'users ' || k || ' ' || w) FROM unnest('{50,100,200,400}'::int[]) AS k, unnest('{none,activity}'::text[]) AS w;
SELECT split_part(setting, ' ', 2) AS neighbors, split_part(setting, ' ', 3) AS weighting FROM tried WHERE setting LIKE 'users %' ORDER BY ndcg DESC LIMIT 1 \gset
SELECT replace(setting, 'rp3beta, alpha ', '') AS alpha FROM tried WHERE setting LIKE 'rp3%' ORDER BY ndcg DESC LIMIT 1 \gset
SELECT array_agg((c->>'weight')::real) AS weights FROM (SELECT options FROM train_hybrid(ARRAY['mf', 'rp' || :'alpha'], model => 'trial', test => 'held', k => 20)) AS t, jsonb_array_elements(options->'components') AS c \gset
\echo Chosen on the cut: alpha :alpha, neighbors of users :neighbors by weights :weighting, weights of mf and rp3beta :weights
SELECT * FROM tried;

-- Everything, and the test once.
CREATE TABLE trained (model text, seconds float8);
INSERT INTO trained SELECT model, seconds FROM train_mf('train', 'train_mf, defaults', rating_column => NULL);
INSERT INTO trained SELECT model, seconds FROM train_mf('train', 'train_mf, 128 factors', rating_column => NULL, factors => 128);
INSERT INTO trained SELECT model, seconds FROM train_knn('train', 'train_knn, cosine', rating_column => NULL);
INSERT INTO trained SELECT model, seconds FROM train_knn('train', 'train_knn, rp3beta', rating_column => NULL, similarity => 'rp3beta', neighbors => 500, alpha => :alpha, beta => 0.2);
INSERT INTO trained SELECT model, seconds FROM train_knn('train', 'train_knn, users', rating_column => NULL, based_on => 'user', neighbors => :neighbors, user_weighting => :'weighting');
INSERT INTO trained SELECT model, seconds FROM train_hybrid('{"train_mf, 128 factors","train_knn, rp3beta"}', :'weights', 'train_hybrid of both');
SELECT t.model, round(t.seconds::numeric, 1) AS seconds, round(r.value::numeric, 4) AS "Recall@20", round(n.value::numeric, 4) AS "NDCG@20", round(r.popularity::numeric, 4) AS "popularity's Recall@20", round(n.popularity::numeric, 4) AS "its NDCG@20"
  FROM trained AS t, evaluate_model(t.model, 'test', 20) AS r, evaluate_model(t.model, 'test', 20) AS n WHERE r.metric = 'recall' AND n.metric = 'ndcg';
\echo train_ease:
\set ON_ERROR_STOP off
SELECT train_ease('train', 'ease', rating_column => NULL);
