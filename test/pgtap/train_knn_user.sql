-- train_knn(based_on => 'user'): who is near whom, what they say, and that it is what they say now.
SET client_min_messages = warning;
SELECT no_plan();

CREATE TABLE likes (user_id int, item_id int);
INSERT INTO likes VALUES (1, 10), (1, 20), (2, 10), (2, 20), (2, 30), (3, 20), (3, 30), (4, 40), (4, 10), (5, 40);
CREATE INDEX ON likes (user_id) INCLUDE (item_id);

-- The summary.
SELECT results_eq($$SELECT model, version, algorithm, users, items, ratings, iterations, loss FROM train_knn('likes', rating_column => NULL, based_on => 'user')$$,
  $$VALUES ('default', 1, 'knn_user', 5::bigint, 4::bigint, 10::bigint, 0, NULL::float8)$$, 'summary of a training with defaults');
SELECT is((SELECT options FROM personalize.models WHERE model = 'default'),
  '{"feedback": "implicit", "weighting": "binary", "based_on": "user", "similarity": "cosine", "neighbors": 50, "shrinkage": 0, "search_limit": 20000, "user_weighting": "none", "seed": 0, "on_duplicate": "sum"}'::jsonb,
  'options are reported');

-- Similarities that a hand can check.
CREATE FUNCTION alike(u int, name text) RETURNS text LANGUAGE sql AS $$
  SELECT string_agg(user_id || ':' || round(score::numeric, 4), ' ' ORDER BY score DESC, user_id) FROM similar_users(u, 10, name)
$$;
SELECT is(alike(1, 'default'), '2:0.8165 3:0.5000 4:0.5000', 'cosine: 2 / sqrt(6), then 1 / 2 twice, in order of ids');
SELECT train_knn('likes', s, rating_column => NULL, based_on => 'user', similarity => s) FROM unnest('{jaccard,cooccurrence}'::text[]) AS s;
SELECT is(alike(1, 'jaccard'), '2:0.6667 3:0.3333 4:0.3333', 'Jaccard: 2 of 3, 1 of 3');
SELECT is(alike(1, 'cooccurrence'), '2:2.0000 3:1.0000 4:1.0000', 'co-occurrence');
SELECT train_knn('likes', 'shrunk', rating_column => NULL, based_on => 'user', shrinkage => 2);
SELECT is(alike(1, 'shrunk'), '2:0.4082 3:0.1667 4:0.1667', 'shrinkage: times n / (n + 2)');
SELECT train_knn('likes', 'weighted', rating_column => NULL, based_on => 'user', similarity => 'cooccurrence', user_weighting => 'activity');
SELECT is(alike(1, 'weighted'), '2:0.6667 3:0.3333 4:0.3333', 'user_weighting weights items: 1 / 3 each, of three raters');
SELECT is(alike(99, 'default'), NULL, 'a stranger has none');
SELECT results_eq($$SELECT item_id, round(score::numeric, 4) FROM similar_items(10, 10)$$,
  $$VALUES (20::bigint, 0.6667), (30, 0.4082), (40, 0.4082)$$, 'similar items are those of highest cosine');

-- The search may be bounded: then the items that fewest have rated are compared.
SELECT train_knn('likes', 'bounded', rating_column => NULL, based_on => 'user', similarity => 'cooccurrence', search_limit => 3);
SELECT is(alike(4, 'bounded'), '5:1.0000', 'of items 10 and 40, with three raters and two, the second');
SELECT train_knn('likes', 'unbounded', rating_column => NULL, based_on => 'user', similarity => 'cooccurrence', search_limit => 0);
SELECT is(alike(4, 'unbounded'), '1:1.0000 2:1.0000 5:1.0000', 'of both');

-- Recommendations: sums over neighbours, then what is popular, then nothing twice.
SELECT results_eq($$SELECT item_id, round(score::numeric, 4), reason FROM recommend_for(1, 10)$$,
  $$VALUES (30::bigint, 1.3165, 'personal'), (40, 0.5, 'personal')$$, 'what neighbours like: 2 and 3 item 30, 4 item 40');
SELECT results_eq($$SELECT item_id, reason FROM recommend_for(5, 10)$$,
  $$VALUES (10::bigint, 'personal'), (20, 'popular'), (30, 'popular')$$, 'behind them what is popular');
SELECT train_knn('likes', 'one', rating_column => NULL, based_on => 'user', neighbors => 1);
SELECT results_eq($$SELECT item_id, round(score::numeric, 4), reason FROM recommend_for(1, 10, 'one')$$,
  $$VALUES (30::bigint, 0.8165, 'personal'), (40, 0, 'popular')$$, 'one neighbour');
SELECT results_eq($$SELECT item_id, score FROM recommend_for(1, 10, candidates => '{40, 10, 77, 30}'::bigint[])$$,
  $$SELECT item_id, score FROM recommend_for(1, 10)$$, 'among candidates');
SELECT results_eq($$SELECT item_id, score, reason FROM recommend_for(77, 2)$$, $$VALUES (10::bigint, 3::real, 'popular'), (20, 3, 'popular')$$, 'strangers get what is popular');
SELECT set_eq($$SELECT u::bigint, r.item_id, r.score FROM generate_series(1, 5) AS u, recommend_for(u, 4) AS r$$,
  $$SELECT user_id, item_id, score FROM recommend_all(4)$$, 'recommend_all answers as recommend_for');
SELECT results_eq($$SELECT predict_rating(1, item_id) FROM recommend_for(1, 10)$$, $$SELECT score FROM recommend_for(1, 10)$$, 'predict_rating is the score');
SELECT is(predict_rating(77, 10), NULL, 'nothing is known of a stranger');
SELECT is(predict_rating(3, 77), NULL, 'nor of an unknown item');
SELECT is((SELECT sum(contribution) FROM explain_recommendation(1, 30)), (SELECT score FROM recommend_for(1, 1)), 'explained by the own items');

-- What is rated now counts now, also of one who was not there at training.
BEGIN;
INSERT INTO likes VALUES (5, 30), (6, 10), (6, 20);
SELECT results_eq($$SELECT item_id, round(score::numeric, 4) FROM recommend_for(5, 10)$$, $$VALUES (10::bigint, 0.9082), (20, 0.9082)$$, 'a new like counts at once');
SELECT is((SELECT string_agg(user_id || ':' || round(score::numeric, 4), ' ' ORDER BY score DESC) FROM similar_users(6, 2)), '1:1.0000 2:0.8165', 'a newcomer has neighbours');
SELECT is((SELECT item_id FROM recommend_for(6, 1)), 30::bigint, 'and hears of what they like');
ROLLBACK;
SELECT is((SELECT round(score::numeric, 4) FROM recommend_for(5, 1)), 0.7071, 'and not when it is rolled back');
SELECT train_knn('likes', 'stored', rating_column => NULL, based_on => 'user', fold_in => false);
INSERT INTO likes VALUES (5, 30);
SELECT is((SELECT round(score::numeric, 4) FROM recommend_for(5, 1, 'stored')), 0.7071, 'unless the model serves what was stored');
SELECT is((SELECT sum(contribution) FROM explain_recommendation(5, 10, 10, 'stored')), (SELECT score FROM recommend_for(5, 1, 'stored')), 'and is explained by that');
DELETE FROM likes WHERE user_id = 5 AND item_id = 30;

-- Explicit feedback: the mean of deviations, weighted.
\ir ../include/stars.sql
SELECT lives_ok(format('SELECT train_knn(''known_stars'', %L, feedback => ''explicit'', based_on => ''user'', similarity => %1$L)', s), 'explicit, ' || s)
  FROM unnest('{cosine,pearson,jaccard,cooccurrence}'::text[]) AS s;
SELECT cmp_ok(rmse(s), '<', (SELECT error * 0.7 FROM by_mean), 'less than the error of the mean: ' || s) FROM unnest('{cosine,pearson}'::text[]) AS s;
SELECT ok((SELECT bool_and(predict_rating(user_id, item_id, 'pearson') BETWEEN lowest AND highest) FROM stars, (SELECT min(rating) AS lowest, max(rating) AS highest FROM known_stars) AS s),
  'predictions stay within the scale');
SELECT lives_ok($$SELECT train_knn('known_stars', 'kept', feedback => 'explicit', based_on => 'user', similarity => 'pearson', fold_in => false)$$, 'stored');
SELECT is((SELECT count(*) FROM stars WHERE predict_rating(user_id, item_id, 'pearson') <> predict_rating(user_id, item_id, 'kept')), 0::bigint,
  'read now or stored, the prediction is the same');
SELECT ok((SELECT value < popularity FROM evaluate_model('pearson', 'hidden_stars') WHERE metric = 'rmse'), 'evaluate_model measures it');
SELECT ok((SELECT bool_and(value > 0) FROM cross_validate('stars', 'train_knn', '{"feedback": "explicit", "based_on": "user"}', folds => 2) WHERE metric = 'rmse'), 'so does cross_validate');
SELECT lives_ok(format('SELECT train_knn(''stars'', ''w'', based_on => ''user'', weighting => %L, user_weighting => %L)', w, u), w || ' ' || u)
  FROM unnest('{binary,linear,log}'::text[]) AS w, unnest('{none,activity,idf,bm25}'::text[]) AS u;
SELECT lives_ok($$SELECT train_knn('stars', 'dislikes', based_on => 'user', positive_from => 3)$$, 'dislikes');
SELECT ok((SELECT bool_and(score >= 0) FROM recommend_for(1, 40, 'dislikes')), 'what neighbours dislike is not listed');

-- A hybrid finds similar users by it, and nobody is their own neighbour there either.
SELECT train_knn('stars', 'alike', based_on => 'user', neighbors => 5);
SELECT train_knn('stars', 'near');
SELECT lives_ok($$SELECT train_hybrid('{near,alike}', '{1,1}', 'both')$$, 'a part of a hybrid');
SELECT results_eq($$SELECT * FROM similar_users(7, 5, 'both')$$, $$SELECT * FROM similar_users(7, 5, 'alike')$$, 'similar users of a hybrid');
SELECT is((SELECT count(*) FROM generate_series(1, 60) AS u, similar_users(u, 100, 'both') AS s WHERE s.user_id = u), 0::bigint, 'never oneself');
SELECT cmp_ok((SELECT max(abs(r.score - (SELECT sum(contribution) FROM explain_recommendation(u, r.item_id, 100, 'both')))) FROM generate_series(1, 60, 7) AS u, recommend_for(u, 5, 'both') AS r)::float8,
  '<', 1e-4::float8, 'contributions add up in a hybrid');

-- The same bits, whatever the order of rows and the number of threads.
CREATE FUNCTION bits(name text) RETURNS text LANGUAGE sql AS $$
  SELECT md5(string_agg(concat_ws(' ', user_id, item_id, score::text), ',' ORDER BY user_id, item_id)) FROM recommend_all(20, name)
$$;
CREATE TABLE shuffled AS SELECT * FROM stars ORDER BY md5(user_id || ' ' || item_id);
SET personalize.threads = 1;
SELECT train_knn('stars', 'ordered', based_on => 'user', weighting => 'log');
CREATE TABLE of_one AS SELECT bits('ordered');
SET personalize.threads = 3;
SELECT train_knn('shuffled', 'shuffled', based_on => 'user', weighting => 'log');
SELECT results_eq($$SELECT bits('shuffled')$$, 'SELECT * FROM of_one', 'same bits');
RESET personalize.threads;

-- What it is refused for.
SELECT throws_ok($$SELECT train_knn('likes', rating_column => NULL, based_on => 'user', similarity => 'rp3beta')$$, '22023',
  'similarity => ''rp3beta'' does not apply to based_on => ''user''', 'rp3beta');
SELECT throws_ok($$SELECT user_factors('default')$$, '42809', 'model "default" has no factors', 'there are no factors');
SELECT throws_like(format('SELECT train_knn(''likes'', rating_column => NULL, %s)', call), message, call) FROM (VALUES
  ('search_limit => 5', 'search_limit does not apply to based_on => ''item'''),
  ($$based_on => 'user', search_limit => -1$$, '%search_limit%-1%')) AS c(call, message);
CREATE TABLE many AS SELECT u AS user_id, i AS item_id FROM generate_series(1, 1000) AS u, generate_series(1, 100) AS i;
SET personalize.max_memory = '1MB';
SELECT throws_ok($$SELECT train_knn('many', rating_column => NULL, based_on => 'user')$$, '53400', NULL, 'memory is limited');
RESET personalize.max_memory;
CREATE TABLE huge AS SELECT user_id, item_id, CASE WHEN user_id = 1 THEN 3e38 ELSE rating END::real AS rating FROM stars;
SELECT throws_like(format($$SELECT train_knn('huge', feedback => 'explicit', based_on => 'user')$$), 'these ratings make no model that can be served: %', 'ratings that are too large');

-- Rights: as for every model.
CREATE ROLE alike_reader;
SET ROLE alike_reader;
SELECT throws_ok($$SELECT * FROM similar_users(1, 3)$$, '42501', 'permission denied for model "default"', 'a model is its owner''s');
RESET ROLE;

SELECT * FROM finish();
