-- train_knn: who is near whom, what is served from it, and what it is refused for.
SET client_min_messages = warning;
SELECT no_plan();

CREATE TABLE likes (user_id int, item_id int);
INSERT INTO likes VALUES (1, 10), (1, 20), (2, 10), (2, 20), (2, 30), (3, 20), (3, 30), (4, 40), (4, 10), (5, 40);
CREATE INDEX ON likes (user_id) INCLUDE (item_id);

-- The summary.
SELECT results_eq($$SELECT model, version, algorithm, users, items, ratings, skipped, merged, iterations, loss FROM train_knn('likes', rating_column => NULL)$$,
  $$VALUES ('default', 1, 'knn_item', 5::bigint, 4::bigint, 10::bigint, 0::bigint, 0::bigint, 0, NULL::float8)$$, 'summary of a training with defaults');
SELECT is((SELECT options FROM personalize.models WHERE model = 'default'),
  '{"feedback": "implicit", "weighting": "binary", "based_on": "item", "similarity": "cosine", "neighbors": 50, "shrinkage": 0, "user_weighting": "none", "seed": 0, "on_duplicate": "sum"}'::jsonb,
  'options are reported');

-- Similarities that a hand can check.
CREATE FUNCTION similar(item int, name text) RETURNS text LANGUAGE sql AS $$
  SELECT string_agg(item_id || ':' || round(score::numeric, 4), ' ' ORDER BY score DESC, item_id) FROM similar_items(item, 10, name)
$$;
SELECT is(similar(10, 'default'), '20:0.6667 30:0.4082 40:0.4082', 'cosine: 2 / 3, then 1 / sqrt(6) twice, in order of ids');
SELECT train_knn('likes', 'jaccard', rating_column => NULL, similarity => 'jaccard');
SELECT is(similar(10, 'jaccard'), '20:0.5000 30:0.2500 40:0.2500', 'Jaccard: 2 of 4, 1 of 4');
SELECT train_knn('likes', 'counts', rating_column => NULL, similarity => 'cooccurrence');
SELECT is(similar(10, 'counts'), '20:2.0000 30:1.0000 40:1.0000', 'co-occurrence');
SELECT train_knn('likes', 'shrunk', rating_column => NULL, shrinkage => 2);
SELECT is(similar(10, 'shrunk'), '20:0.3333 30:0.1361 40:0.1361', 'shrinkage: times n / (n + 2)');
SELECT train_knn('likes', 'one', rating_column => NULL, neighbors => 1);
SELECT is(similar(10, 'one'), '20:0.6667', 'one neighbour each');
SELECT is(similar(99, 'default'), NULL, 'an unknown item has none');

-- Recommendations: sums of similarities, then what is popular, then nothing twice.
SELECT results_eq($$SELECT item_id, round(score::numeric, 4), reason FROM recommend_for(3, 10)$$,
  $$VALUES (10::bigint, 1.0749, 'personal'), (40, 0, 'popular')$$, 'what 20 and 30 speak for, and then what is left');
SELECT results_eq($$SELECT item_id, reason FROM recommend_for(3, 10, exclude_seen => false)$$,
  $$VALUES (10::bigint, 'personal'), (20, 'personal'), (30, 'personal'), (40, 'popular')$$, 'what they have too');
SELECT results_eq($$SELECT item_id, score FROM recommend_for(3, 10, candidates => '{40, 10, 77}'::bigint[])$$,
  $$SELECT item_id, score FROM recommend_for(3, 10)$$, 'among candidates');
SELECT results_eq($$SELECT item_id, score, reason FROM recommend_for(77, 2)$$, $$VALUES (10::bigint, 3::real, 'popular'), (20, 3, 'popular')$$, 'strangers get what is popular');
SELECT set_eq($$SELECT u::bigint, r.item_id, r.score FROM generate_series(1, 5) AS u, recommend_for(u, 4) AS r$$,
  $$SELECT user_id, item_id, score FROM recommend_all(4)$$, 'recommend_all answers as recommend_for');
SELECT results_eq($$SELECT predict_rating(3, item_id) FROM recommend_for(3, 10)$$, $$SELECT score FROM recommend_for(3, 10)$$, 'predict_rating is the score');
SELECT is(predict_rating(77, 10), NULL, 'nothing is known of a stranger');
SELECT is(predict_rating(3, 77), NULL, 'nor of an unknown item');

-- What is rated now counts now.
BEGIN;
INSERT INTO likes VALUES (5, 10);
SELECT is((SELECT item_id FROM recommend_for(5, 1)), 20::bigint, 'a new like counts at once');
ROLLBACK;
SELECT is((SELECT item_id FROM recommend_for(5, 1)), 10::bigint, 'and not when it is rolled back');
SELECT train_knn('likes', 'stored', rating_column => NULL, fold_in => false);
INSERT INTO likes VALUES (5, 10);
SELECT is((SELECT item_id FROM recommend_for(5, 1, 'stored')), 10::bigint, 'unless the model serves what was stored');
DELETE FROM likes WHERE user_id = 5 AND item_id = 10;

-- Explicit feedback: the mean of deviations, weighted.
\ir ../include/stars.sql
SELECT lives_ok(format('SELECT train_knn(''known_stars'', %L, feedback => ''explicit'', similarity => %1$L)', s), 'explicit, ' || s)
  FROM unnest('{cosine,pearson,adjusted_cosine,jaccard}'::text[]) AS s;
SELECT cmp_ok(rmse(s), '<', (SELECT error * 0.5 FROM by_mean), 'halves the error of the mean: ' || s) FROM unnest('{cosine,pearson,adjusted_cosine}'::text[]) AS s;
SELECT ok((SELECT bool_and(predict_rating(user_id, item_id, 'pearson') BETWEEN lowest AND highest) FROM stars, (SELECT min(rating) AS lowest, max(rating) AS highest FROM known_stars) AS s),
  'predictions stay within the scale');
SELECT lives_ok($$SELECT train_knn('known_stars', 'kept', feedback => 'explicit', similarity => 'pearson', fold_in => false)$$, 'stored');
SELECT is((SELECT count(*) FROM stars WHERE predict_rating(user_id, item_id, 'pearson') <> predict_rating(user_id, item_id, 'kept')), 0::bigint,
  'read now or stored, the prediction is the same');
SELECT ok((SELECT value < popularity FROM evaluate_model('pearson', 'hidden_stars') WHERE metric = 'rmse'), 'evaluate_model measures it');
SELECT ok((SELECT bool_and(value > 0) FROM cross_validate('stars', 'train_knn', '{"feedback": "explicit", "neighbors": 10}', folds => 2) WHERE metric = 'rmse'), 'so does cross_validate');
SELECT is((SELECT metrics->'holdout'->>'split' FROM train_knn('stars', 'held', feedback => 'explicit', holdout => 0.2, refit => true)), 'random', 'and a holdout');

-- The other weights, and more than counts.
SELECT lives_ok(format('SELECT train_knn(''stars'', ''w'', weighting => %L, user_weighting => %L)', w, u), w || ' ' || u)
  FROM unnest('{binary,linear,log}'::text[]) AS w, unnest('{none,activity,idf,bm25}'::text[]) AS u;
SELECT lives_ok($$SELECT train_knn('stars', 'walk', similarity => 'rp3beta', alpha => 0.5, beta => 0.3)$$, 'rp3beta');
SELECT is((SELECT options->>'alpha' FROM personalize.models WHERE model = 'walk' AND active), '0.5', 'its exponents are reported');
SELECT ok((SELECT abs(sum(score) - 1) < 1e-5 FROM similar_items(3, 50, 'walk')), 'weights of RP3beta add up to 1');
SELECT lives_ok($$SELECT train_knn('stars', 'dislikes', positive_from => 3)$$, 'dislikes');
SELECT ok((SELECT bool_and(score >= 0) FROM recommend_for(1, 40, 'dislikes')), 'what dislikes speak against is not listed');

-- The same bits, whatever the order of rows and the number of threads.
CREATE FUNCTION bits(name text) RETURNS text LANGUAGE sql AS $$
  SELECT md5(string_agg(concat_ws(' ', i, item_id, score::text), ',' ORDER BY i, item_id)) FROM generate_series(1, 40) AS i, similar_items(i, 100, name)
$$;
CREATE TABLE shuffled AS SELECT * FROM stars ORDER BY md5(user_id || ' ' || item_id);
SET personalize.threads = 1;
SELECT train_knn('stars', 'ordered', similarity => 'cosine', weighting => 'log');
SET personalize.threads = 3;
SELECT train_knn('shuffled', 'shuffled', similarity => 'cosine', weighting => 'log');
RESET personalize.threads;
SELECT is(bits('ordered'), bits('shuffled'), 'same bits');

-- What it is refused for.
SELECT throws_like(format('SELECT train_knn(''likes'', rating_column => NULL, %s)', call), message, call) FROM (VALUES
  ($$similarity => 'euclid'$$, '%similarity%euclid%'),
  ($$user_weighting => 'age'$$, '%user_weighting%age%'),
  ($$based_on => 'both'$$, '%based_on%both%'),
  ('based_on => NULL', '%based_on%NULL%'),
  ($$based_on => 'user', similarity => 'rp3beta'$$, 'similarity => ''rp3beta'' does not apply to based_on => ''user'''),
  ($$based_on => 'user', similarity => 'adjusted_cosine'$$, 'similarity => ''adjusted_cosine'' does not apply to based_on => ''user'''),
  ($$based_on => 'user', alpha => 0.5$$, 'alpha does not apply to %'),
  ('neighbors => 0', '%neighbors%0%'),
  ('neighbors => NULL', '%neighbors%NULL%'),
  ('shrinkage => -1', '%shrinkage%-1%'),
  ($$shrinkage => 'NaN'$$, '%shrinkage%'),
  ('alpha => 0.5', 'alpha does not apply to %'),
  ($$similarity => 'rp3beta', beta => 5$$, '%beta%5%'),
  ($$similarity => 'rp3beta', user_weighting => 'idf'$$, 'user_weighting does not apply to %'),
  ($$feedback => 'explicit'$$, 'rating_column => NULL does not apply to explicit feedback')) AS c(call, message);
SELECT throws_ok($$SELECT train_knn('stars', feedback => 'explicit', similarity => 'rp3beta')$$, '22023', NULL, 'rp3beta does not predict ratings');
SELECT throws_ok($$SELECT user_factors('default')$$, '42809', 'model "default" has no factors', 'there are no factors');
SELECT throws_ok($$SELECT item_factors('default')$$, '42809', 'model "default" has no factors', 'of either side');
SELECT throws_ok($$SELECT * FROM similar_users(1, 3)$$, '22023', NULL, 'nor similar users');
CREATE TABLE many AS SELECT u AS user_id, i AS item_id FROM generate_series(1, 1000) AS u, generate_series(1, 100) AS i;
SET personalize.max_memory = '1MB';
SELECT throws_ok($$SELECT train_knn('many', rating_column => NULL)$$, '53400', NULL, 'memory is limited');
RESET personalize.max_memory;
SELECT is((SELECT version FROM personalize.models WHERE model = 'default' AND active), 1, 'what failed left no version');

CREATE TABLE huge AS SELECT user_id, item_id, CASE WHEN user_id = 1 THEN 3e38 ELSE rating END::real AS rating FROM stars;
SELECT throws_like(format($$SELECT train_knn('huge', feedback => 'explicit')$$), 'these ratings make no model that can be served: %', 'ratings that are too large');

-- Rights: as for every model.
CREATE ROLE knn_reader;
GRANT SELECT ON likes TO knn_reader;
SET ROLE knn_reader;
SELECT throws_ok($$SELECT * FROM recommend_for(1, 3)$$, '42501', 'permission denied for model "default"', 'a model is its owner''s');
SELECT throws_ok($$SELECT train_knn('stars', 'mine')$$, '42501', NULL, 'a table that may not be read is not trained on');
RESET ROLE;

SELECT * FROM finish();
