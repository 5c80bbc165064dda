-- evaluate_model: every figure again in plain SQL, from the same model's own lists.
SET client_min_messages = error;
SET jit = off;
SELECT no_plan();
\ir ../include/try.sql

-- Users like items of their own half; a fifth of the pairs is tested.
CREATE TABLE likes AS SELECT u AS user_id, i AS item_id, 1 + abs(hashint4(u * 131 + i)) % 5 AS rating
  FROM generate_series(1, 300) AS u, LATERAL (SELECT i FROM generate_series(u % 2, 79, 2) AS i ORDER BY md5(u || ' ' || i) LIMIT 8 + u % 9) AS chosen;
CREATE INDEX ON likes (user_id);
CREATE VIEW train AS SELECT * FROM likes WHERE NOT in_holdout(user_id, item_id, .2);
CREATE VIEW test AS SELECT * FROM likes WHERE in_holdout(user_id, item_id, .2);
SELECT count(*) FROM train_mf('train', factors => 8, iterations => 4) \gset trained_
SELECT count(*) FROM train_mf('train', 'stars', factors => 4, feedback => 'explicit') \gset trained_

\ir ../include/figures.sql
SELECT is_empty(format('SELECT differing(''default'', %s)', k), 'implicit, k ' || k) FROM unnest('{1,5,10,70}'::int[]) AS k;
SELECT is_empty('SELECT differing(''stars'', 10)', 'explicit');
SELECT is((SELECT round(value::numeric, 9) FROM evaluate_model('stars', 'test') WHERE metric = 'rmse'),
  (SELECT round(sqrt(avg((least(5, greatest(1, predict_rating(user_id, item_id, 'stars'))) - rating) ^ 2))::numeric, 9) FROM test), 'rmse is of the predictions') FROM (SELECT count(*) FROM train_mf('train', 'stars', factors => 4, feedback => 'explicit', fold_in => false)) AS t;
SELECT is((SELECT round(value::numeric, 6) FROM evaluate_model('stars', 'test') WHERE metric = 'mae'), (SELECT round(mae(predict_rating(user_id, item_id, 'stars'), rating)::numeric, 6) FROM test), 'so is mae');
SELECT is((SELECT round(popularity::numeric, 5) FROM evaluate_model('stars', 'test') WHERE metric = 'rmse'), (SELECT round(rmse((SELECT avg(rating) FROM train)::float8, rating)::numeric, 5) FROM test), 'its baseline is the mean rating');
SELECT is((SELECT array_agg(metric) FROM evaluate_model('default', 'test')),
  '{precision,recall,recall_capped,f1,ndcg,map,mrr,hit_rate,coverage,diversity,novelty,gini,personal,overlap,cold_users,cold_items,cold_ratings}', 'all figures, in order');
SELECT is((SELECT round(standard_error::numeric, 12) FROM evaluate_model('default', 'test', 5) WHERE metric = 'hit_rate'),
  (SELECT round((stddev_samp(value) / sqrt(count(*)))::numeric, 12) FROM figures(lists('default', 5), 'SELECT user_id, item_id FROM test', 5) WHERE metric = 'hit_rate'), 'the standard error is that of a mean over users');
SELECT results_eq($$SELECT users, ratings FROM evaluate_model('default', 'test') WHERE metric = 'ndcg'$$, 'SELECT count(DISTINCT user_id), count(*) FROM test', 'users and ratings that it rests on');
SELECT cmp_ok(value, '>', 2 * popularity, 'taste beats popularity: ' || metric) FROM evaluate_model('default', 'test', 5) WHERE metric IN ('ndcg', 'recall', 'map');
SELECT is((SELECT round(value::numeric, 6) FROM evaluate_model('default', 'test', 6) WHERE metric = 'diversity'), (SELECT round(avg(d)::numeric, 6) FROM (
  SELECT avg(1 - cosine_sim(fa.factor, fb.factor)) AS d FROM recommend_all(6) AS a JOIN recommend_all(6) AS b ON a.user_id = b.user_id AND a.rank < b.rank
    JOIN item_factors() AS fa ON fa.item_id = a.item_id JOIN item_factors() AS fb ON fb.item_id = b.item_id
   WHERE a.user_id IN (SELECT user_id FROM test) GROUP BY a.user_id) AS of_lists), 'diversity is the mean distance of factors');

-- Only some ratings are relevant.
SELECT is((SELECT round(value::numeric, 9) FROM evaluate_model('default', 'test', relevant_from => 4) WHERE metric = 'recall'),
  (SELECT round(avg(value)::numeric, 9) FROM figures(lists('default', 10), 'SELECT user_id, item_id FROM test WHERE rating >= 4', 10) WHERE metric = 'recall'), 'relevant_from');
SELECT count(*) FROM train_mf('train', 'loved', factors => 4, positive_from => 4) \gset trained_
SELECT results_eq($$SELECT * FROM evaluate_model('loved', 'test')$$, $$SELECT * FROM evaluate_model('loved', 'test', relevant_from => 4)$$, 'it is the model''s own positive_from by default');

-- A leak is seen, and left out.
CREATE VIEW leaky AS SELECT * FROM test UNION ALL (SELECT * FROM train ORDER BY user_id, item_id LIMIT 100);
SELECT is((SELECT value FROM evaluate_model('default', 'leaky') WHERE metric = 'overlap'), 100::float8, 'test ratings that were trained on are counted');
SELECT is((SELECT value FROM evaluate_model('default', 'test') WHERE metric = 'overlap'), 0::float8, 'and there are none where there are none');
SELECT results_eq($$SELECT metric, value FROM evaluate_model('default', 'leaky') WHERE metric <> 'overlap'$$, $$SELECT metric, value FROM evaluate_model('default', 'test') WHERE metric <> 'overlap'$$, 'they change nothing else');
SELECT cmp_ok((SELECT value FROM evaluate_model('default', 'train', exclude_seen => false) WHERE metric = 'ndcg'), '>', (SELECT value FROM evaluate_model('default', 'test') WHERE metric = 'ndcg'), 'unless asked for: then they flatter');
SELECT is(try($$SELECT evaluate_model('default', 'train')$$),
  format('22023: no test rating is left to measure: of %1$s, %1$s were in the training and 0 are of users or items that were not (Test with ratings of the same users and items that the model was not trained on.)', (SELECT count(*) FROM train)), 'a test of nothing but trained ratings is refused');
-- New users and items are counted; left out, or scored as they would be answered.
CREATE VIEW wide AS SELECT * FROM test UNION ALL SELECT 1000 + i, i, 5 FROM generate_series(0, 9) AS i UNION ALL SELECT 1, 500, 5;
SELECT results_eq($$SELECT metric, value::int FROM evaluate_model('default', 'wide') WHERE metric ~ '^cold'$$, $$VALUES ('cold_users', 10), ('cold_items', 1), ('cold_ratings', 11)$$, 'new users and items are counted');
SELECT results_eq($$SELECT metric, value FROM evaluate_model('default', 'wide') WHERE metric IN ('ndcg', 'map', 'coverage')$$, $$SELECT metric, value FROM evaluate_model('default', 'test') WHERE metric IN ('ndcg', 'map', 'coverage')$$, 'and left out');
SELECT is((SELECT users FROM evaluate_model('default', 'wide', cold => 'score') WHERE metric = 'ndcg'), (SELECT count(DISTINCT user_id) FROM wide), 'or scored');
SELECT cmp_ok((SELECT value FROM evaluate_model('default', 'wide', cold => 'score') WHERE metric = 'personal'), '<', 1::float8, 'not all answers are personal then');
SELECT is((SELECT round(value::numeric, 5) FROM evaluate_model('stars', 'wide', cold => 'score') WHERE metric = 'rmse'), (SELECT round(rmse(predict_rating(user_id, item_id, 'stars'), rating)::numeric, 5) FROM wide), 'predictions of new users and items count, too');

-- Candidates.
SELECT cmp_ok((SELECT value FROM evaluate_model('default', 'test', 10, candidates => 20) WHERE metric = 'recall'), '>', (SELECT value FROM evaluate_model('default', 'test', 10) WHERE metric = 'recall'), 'among few candidates it is easy');
SELECT results_eq($$SELECT metric, value, popularity FROM evaluate_model('default', 'test', 10, candidates => 1000) WHERE metric <> 'personal' ORDER BY 1$$,
  $$SELECT metric, value, popularity FROM evaluate_model('default', 'test', 10) WHERE metric NOT IN ('coverage', 'diversity', 'novelty', 'gini', 'personal') ORDER BY 1$$, 'among all of them as without');
SELECT results_eq($$SELECT * FROM evaluate_model('default', 'test', candidates => 5, seed => 7)$$, $$SELECT * FROM evaluate_model('default', 'test', candidates => 5, seed => 7)$$, 'the same seed, the same candidates');
SELECT isnt((SELECT value FROM evaluate_model('default', 'test', candidates => 5, seed => 7) WHERE metric = 'mrr'), (SELECT value FROM evaluate_model('default', 'test', candidates => 5, seed => 8) WHERE metric = 'mrr'), 'another one, others');

-- The same for any number of threads and any order of rows.
CREATE TABLE shuffled AS SELECT * FROM test ORDER BY md5(user_id || 'x' || item_id);
CREATE FUNCTION bits(threads int, relation text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('personalize.threads', threads::text, true);
  RETURN (SELECT md5(string_agg(e::text, ' ')) FROM evaluate_model('default', relation::regclass) AS e);
END $$;
SELECT is((SELECT count(DISTINCT bits(threads, relation)) FROM generate_series(1, 3) AS threads, unnest('{test,shuffled}'::text[]) AS relation), 1::bigint, 'the same bits for 1, 2, 3 threads and any order of rows');

-- Other columns, other relations.
CREATE TABLE events (customer bigint, "it""em" smallint, stars numeric, extra text);
INSERT INTO events SELECT user_id, item_id, rating, 'x' FROM test;
SELECT results_eq($$SELECT * FROM evaluate_model('default', 'events', user_column => 'customer', item_column => 'it"em', rating_column => 'stars')$$, $$SELECT * FROM evaluate_model('default', 'test')$$, 'columns of other names');
CREATE TABLE pairs AS SELECT user_id, item_id FROM test;
SELECT results_eq($$SELECT * FROM evaluate_model('default', 'pairs')$$, $$SELECT * FROM evaluate_model('default', 'test')$$, 'no ratings where none are needed');
SELECT matches(try($$SELECT evaluate_model('stars', 'pairs')$$), '^42703: relation public.pairs has no column "rating" ', 'but where they are');
SELECT matches(try($$SELECT evaluate_model('default', 'pairs', relevant_from => 2)$$), '^42703: relation public.pairs has no column "rating" ', 'or asked for');
CREATE TABLE twice AS SELECT * FROM test UNION ALL SELECT * FROM test;
SELECT results_eq($$SELECT * FROM evaluate_model('default', 'twice')$$, $$SELECT * FROM evaluate_model('default', 'test')$$, 'repeats are merged');
CREATE TABLE texts AS SELECT user_id::text, item_id, rating FROM test;
SELECT is(try($$SELECT evaluate_model('default', 'texts')$$), '42804: user ids of the test ratings are of type text, those of model "default" of type bigint (Test with a view that casts them.)', 'ids of another type');

SELECT is(try($$SELECT evaluate_model('default', 'test', relevant_from => 100)$$),
  format('22023: no test rating is relevant: of %s, none that is neither seen nor unknown reaches relevant_from (Give a lower relevant_from.)', (SELECT count(*) FROM test)), 'nothing is relevant');
SELECT ok((SELECT value FROM evaluate_model('stars', 'test', relevant_from => 100) WHERE metric = 'rmse') > 0, 'errors of predictions do not need it');

-- Bad input.
SELECT is(try($$SELECT evaluate_model('no such', 'test')$$), '42704: model "no such" does not exist (Your models are ''default'', ''loved'', ''stars''.)', 'an unknown model');
SELECT is(try($$SELECT evaluate_model(NULL, 'test')$$), '22004: model must not be NULL', 'no model');
SELECT is(try($$SELECT evaluate_model('default', NULL)$$), '22004: test must not be NULL', 'no relation');
SELECT is(try($$SELECT evaluate_model('default', 4000000000::oid)$$), '42P01: test: relation with OID 4000000000 does not exist (Name a table or a view, for example test => ''public.example''.)', 'a relation that there is not');
SELECT is(try($$SELECT evaluate_model('default', 'likes_user_id_idx')$$), '42809: public.likes_user_id_idx has no rows to read (Name a table, a partitioned table, a view, a materialized view or a foreign table.)', 'an index');
SELECT is(try($$SELECT evaluate_model('default', 'test', 0)$$), '22023: k is 0 (Give a value from 1 to 2147483647.)', 'k 0');
SELECT is(try($$SELECT evaluate_model('default', 'test', NULL)$$), '22004: k must not be NULL', 'k NULL');
SELECT is(try($$SELECT evaluate_model('default', 'test', 2147483647)$$), 'done', 'a huge k');
SELECT is(try($$SELECT evaluate_model('default', 'test', cold => 'ignore')$$), '22023: cold is "ignore" (Use one of ''leave_out'', ''score''.)', 'cold');
SELECT is(try($$SELECT evaluate_model('default', 'test', candidates => 0)$$), '22023: candidates is 0 (Give a value from 1 to 1000000.)', 'candidates');
SELECT is(try($$SELECT evaluate_model('default', 'test', user_column => 'nobody')$$), '42703: relation public.test has no column "nobody" (Name the column with user_column => ''...''; there are: user_id, item_id, rating.)', 'a column that there is not');
SELECT is(try($$SELECT evaluate_model('default', 'test', rating_column => 'item_id', relevant_from => 'NaN')$$),
  '22023: relevant_from is not a finite number (Give the lowest rating that is relevant.)', 'a threshold that is no number');
CREATE TABLE nobody (user_id int, item_id int, rating real);
SELECT is(try($$SELECT evaluate_model('default', 'nobody')$$), '22023: public.nobody has no rating to use: 0 rows read, 0 skipped (Rows with a NULL id or with a NULL or NaN rating are skipped, and only rows that you may see are read.)', 'an empty test');
INSERT INTO nobody VALUES (1, 1, 'Infinity');
SELECT matches(try($$SELECT evaluate_model('default', 'nobody')$$), '^22023: the rating of user 1 for item 1 is Infinity', 'an infinite rating');
BEGIN READ ONLY;
SELECT is(try($$SELECT evaluate_model('default', 'test')$$), 'done', 'in a read-only transaction');
COMMIT;
CREATE TABLE many AS SELECT k % 1000 AS user_id, k / 1000 AS item_id, 1::real AS rating FROM generate_series(1, 100000) AS k;
SET personalize.max_memory = '1MB';
SELECT matches(try($$SELECT evaluate_model('default', 'many')$$), '^53400: ', 'memory is limited');
RESET personalize.max_memory;

-- Rights: the model, and the test ratings, as the caller sees them.
SELECT 'e_' || substr(md5(current_database() || pg_backend_pid()), 1, 8) AS stranger \gset
CREATE ROLE :"stranger";
GRANT EXECUTE ON FUNCTION try TO PUBLIC;
CREATE TABLE own AS SELECT * FROM test;
GRANT SELECT ON own TO :"stranger";
SET ROLE :"stranger";
SELECT is(try($$SELECT evaluate_model('default', 'own')$$), '42501: permission denied for model "default" (Its owner can give it to you with grant_model().)', 'not without the model');
RESET ROLE;
SELECT grant_model('default', :'stranger');
SET ROLE :"stranger";
SELECT is(try($$SELECT evaluate_model('default', 'own')$$), 'done', 'granted');
SELECT is(try($$SELECT evaluate_model('default', 'likes')$$), '42501: permission denied for table likes', 'not without the ratings');
RESET ROLE;
ALTER TABLE own ENABLE ROW LEVEL SECURITY;
CREATE POLICY few ON own USING (user_id <= 10);
SET ROLE :"stranger";
SELECT is((SELECT max(users) FROM evaluate_model('default', 'own')), (SELECT count(DISTINCT user_id) FROM own), 'row-level security holds');
SELECT cmp_ok((SELECT count(DISTINCT user_id) FROM own), '<=', 10::bigint, 'of ten users');
RESET ROLE;
SELECT revoke_model('default', :'stranger');
REVOKE ALL ON own FROM :"stranger";
DROP ROLE :"stranger";
SELECT * FROM finish();
