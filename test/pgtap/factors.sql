-- user_factors, item_factors: what was learnt, as rows that SQL can compute with.
SET client_min_messages = warning;
SELECT no_plan();
CREATE TABLE likes AS SELECT u AS user_id, i AS item_id, 1 + (u * i) % 5 AS rating FROM generate_series(1, 30) AS u, generate_series(1, 12) AS i WHERE md5(u || ' ' || i) < '8';
CREATE INDEX ON likes (user_id);
SELECT count(*) FROM train_mf('likes', factors => 5, fold_in => false) \gset trained_
SELECT count(*) FROM train_mf('likes', 'stars', factors => 5, feedback => 'explicit', fold_in => false) \gset trained_

SELECT results_eq('SELECT user_id FROM user_factors()', 'SELECT DISTINCT user_id::bigint FROM likes ORDER BY 1', 'each user once, in order');
SELECT results_eq('SELECT item_id FROM item_factors()', 'SELECT DISTINCT item_id::bigint FROM likes ORDER BY 1', 'each item once, in order');
SELECT is((SELECT count(*) FROM (SELECT factor FROM user_factors() UNION ALL SELECT factor FROM item_factors()) AS f WHERE array_ndims(factor) <> 1 OR array_length(factor, 1) <> 5 OR array_position(factor, NULL) IS NOT NULL OR 'NaN' = ANY (factor)), 0::bigint, 'as many numbers as factors');
SELECT is((SELECT count(bias) FROM (SELECT bias FROM user_factors() UNION ALL SELECT bias FROM item_factors()) AS f), 0::bigint, 'implicit: no bias');
SELECT is((SELECT count(*) FROM (SELECT bias FROM user_factors('stars') UNION ALL SELECT bias FROM item_factors('stars')) AS f WHERE bias IS NULL OR bias = 0), 0::bigint, 'explicit: a bias for each');
-- their product is the prediction
SELECT is((SELECT count(*) FROM user_factors() AS u, item_factors() AS i WHERE abs(dot_sim(u.factor, i.factor) - predict_rating(u.user_id, i.item_id)) > 1e-5), 0::bigint, 'implicit: their product is the prediction');
SELECT is((SELECT count(*) FROM user_factors('stars') AS u, item_factors('stars') AS i, (SELECT avg(rating) AS mean FROM likes) AS m
  WHERE abs(greatest(1, least(5, m.mean + u.bias + i.bias + dot_sim(u.factor, i.factor))) - predict_rating(u.user_id, i.item_id, 'stars')) > 1e-4), 0::bigint, 'explicit: mean, biases and their product');
SELECT is((SELECT count(*) FROM user_factors() LIMIT 1), 30::bigint, 'all users');
SELECT is((SELECT count(*) FROM (SELECT 1 FROM user_factors() LIMIT 3) AS f), 3::bigint, 'LIMIT');
SELECT is((SELECT pg_typeof(user_id)::text FROM user_factors('default', NULL::text) LIMIT 1), 'text', 'ids as text');
-- more rows than are stored at once
CREATE TABLE many AS SELECT u AS user_id, u % 7 AS item_id FROM generate_series(1, 10000) AS u;
CREATE INDEX ON many (user_id);
SELECT count(*) FROM train_mf('many', 'many', rating_column => NULL, factors => 2, iterations => 1) \gset trained_
SELECT is((SELECT count(DISTINCT user_id) || ' ' || min(user_id) || ' ' || max(user_id) FROM user_factors('many')), '10000 1 10000', 'ten thousand users');
SELECT throws_ok($$SELECT user_factors('none')$$, '42704', 'model "none" does not exist', 'unknown model');
SELECT throws_ok('SELECT item_factors(NULL)', '22004', 'model must not be NULL', 'no model');
SELECT * FROM finish();
