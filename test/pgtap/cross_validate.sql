-- cross_validate, and train_mf(holdout => ...): the same as splitting, training and evaluating by hand.
SET client_min_messages = error;
SET jit = off;
SELECT no_plan();
\ir ../include/try.sql
CREATE TABLE likes AS SELECT u AS user_id, i AS item_id, 1 + abs(hashint4(u * 131 + i)) % 5 AS rating, '2026-01-01'::timestamptz + make_interval(hours => abs(hashint4(u * 7 + i * 1013)) % 2000) AS at
  FROM generate_series(1, 200) AS u, LATERAL (SELECT i FROM generate_series(u % 2, 59, 2) AS i ORDER BY md5(u || ' ' || i) LIMIT 6 + u % 9) AS chosen;
CREATE INDEX ON likes (user_id);
-- What evaluate_model says of a training on one view tested with another.
CREATE FUNCTION by_hand(options text DEFAULT '', k int DEFAULT 10) RETURNS TABLE (metric text, value float8, standard_error float8, popularity float8, users bigint, ratings bigint) LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE 'SELECT train_mf(''train'', ''by hand'', factors => 6, iterations => 3' || options || ')';
  RETURN QUERY SELECT * FROM evaluate_model('by hand', 'test', k);
END $$;
CREATE FUNCTION of_holdout(options text) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  result jsonb;
BEGIN
  EXECUTE 'SELECT metrics FROM train_mf(''likes'', ''held out'', factors => 6, iterations => 3, ' || options || ')' INTO result;
  RETURN result;
END $$;
-- To the digits that JSON keeps.
CREATE FUNCTION same_figures(metrics jsonb) RETURNS boolean LANGUAGE sql AS $$
  SELECT bool_and(abs((metrics->'measures'->e.metric->>'value')::float8 - e.value) <= 1e-6 * greatest(1, abs(e.value))
              AND coalesce(abs((metrics->'measures'->e.metric->>'popularity')::float8 - e.popularity) <= 1e-6 * greatest(1, abs(e.popularity)), e.popularity IS NULL)) FROM by_hand() AS e
$$;

-- Each way to split, by hand in SQL.
CREATE VIEW train AS SELECT * FROM likes WHERE NOT in_holdout(user_id, item_id, .2);
CREATE VIEW test AS SELECT * FROM likes WHERE in_holdout(user_id, item_id, .2);
SELECT ok(same_figures(of_holdout('holdout => .2')), 'random: as by in_holdout');
SELECT is(of_holdout('holdout => .2')->'holdout', '{"split": "random", "holdout": 0.2, "seed": 0, "k": 10}', 'what was held out is told');
SELECT is((SELECT ratings FROM personalize.models WHERE model = 'held out' AND active), (SELECT count(*) FROM train), 'the model is of the rest');
SELECT is((SELECT array_agg(factor ORDER BY item_id) FROM item_factors('held out')), (SELECT array_agg(factor ORDER BY item_id) FROM item_factors('by hand')), 'the very model of that view');
SELECT count(*) FROM train_mf('likes', 'all', factors => 6, iterations => 3) \gset trained_
SELECT ok(same_figures(of_holdout('holdout => .2, refit => true')), 'refit: the same figures');
SELECT is((SELECT ratings FROM personalize.models WHERE model = 'held out' AND active), (SELECT count(*) FROM likes), 'refit: the model is of everything');
SELECT is((SELECT array_agg(factor ORDER BY item_id) FROM item_factors('held out')), (SELECT array_agg(factor ORDER BY item_id) FROM item_factors('all')), 'the very model of all');
SELECT is((SELECT metrics->'measures'->'ndcg'->>'value' FROM personalize.models WHERE model = 'held out' AND active), of_holdout('holdout => .2')->'measures'->'ndcg'->>'value', 'the figures stay in personalize.models');
DROP VIEW train, test;
CREATE VIEW dated AS SELECT *, row_number() OVER (PARTITION BY user_id ORDER BY at DESC, item_id DESC) AS age, count(*) OVER (PARTITION BY user_id) AS n FROM likes;
CREATE VIEW train AS SELECT * FROM dated WHERE age > 1;
CREATE VIEW test AS SELECT * FROM dated WHERE age = 1;
SELECT ok(same_figures(of_holdout('split => ''leave_one_out'', time_column => ''at''')), 'leave_one_out: the latest');
DROP VIEW train, test;
CREATE VIEW train AS SELECT * FROM dated WHERE age > floor(n * .3);
CREATE VIEW test AS SELECT * FROM dated WHERE age <= floor(n * .3);
SELECT ok(same_figures(of_holdout('split => ''last'', holdout => .3, time_column => ''at''')), 'last: the newest share of each user');
DROP VIEW train, test;
CREATE VIEW train AS SELECT * FROM likes WHERE at < '2026-03-01';
CREATE VIEW test AS SELECT * FROM likes WHERE at >= '2026-03-01';
SELECT ok(same_figures(of_holdout('split => ''time'', split_from => ''2026-03-01'', time_column => ''at''')), 'time: from a moment on');
SELECT is(of_holdout('split => ''time'', split_from => ''2026-03-01'', time_column => ''at''')->'measures'->'cold_users'->>'value', (SELECT count(DISTINCT user_id)::text FROM test WHERE user_id NOT IN (SELECT user_id FROM train)), 'users without training data are counted');
DROP VIEW train, test;
CREATE VIEW aged AS SELECT *, rank() OVER (ORDER BY at DESC) AS r FROM likes;
CREATE VIEW test AS SELECT * FROM likes WHERE at >= (SELECT min(at) FROM (SELECT at FROM likes ORDER BY at DESC LIMIT floor(.25 * (SELECT count(*) FROM likes))) AS newest);
CREATE VIEW train AS SELECT * FROM likes EXCEPT SELECT * FROM test;
SELECT ok(same_figures(of_holdout('split => ''time'', holdout => .25, time_column => ''at''')), 'time: the newest share of all');
ALTER TABLE likes ADD COLUMN day date, ADD COLUMN moment timestamp, ADD COLUMN number numeric;
UPDATE likes SET day = at::date, moment = at, number = extract(epoch FROM at);
SELECT is(of_holdout('split => ''time'', split_from => ''2026-02-20 12:00'', time_column => ''moment''')->'measures', of_holdout('split => ''time'', split_from => ''1771588800'', time_column => ''number''')->'measures', 'moments of any time column''s type');
SELECT is(of_holdout('split => ''time'', split_from => ''2026-02-20'', time_column => ''at''')->'holdout', '{"split": "time", "split_from": "2026-02-20", "seed": 0, "k": 10}', 'the moment is told');
SELECT matches(try('SELECT of_holdout(''split => ''''time'''', split_from => ''''2026-02-30'''', time_column => ''''day'''''')'), '^22008: date/time field value out of range', 'a day that there is not');

-- Folds are the same, in turn.
CREATE FUNCTION fold(f int, folds int) RETURNS TABLE (metric text, value float8) LANGUAGE plpgsql AS $$
BEGIN
  DROP VIEW IF EXISTS train, test, mark;
  EXECUTE format('CREATE VIEW mark AS SELECT *, in_holdout(user_id, item_id, %s::float8 / %3$s) AND NOT in_holdout(user_id, item_id, %2$s::float8 / %3$s) AS held FROM likes', f, f - 1, folds);
  CREATE VIEW train AS SELECT * FROM mark WHERE NOT held;
  CREATE VIEW test AS SELECT * FROM mark WHERE held;
  RETURN QUERY SELECT e.metric, e.value FROM by_hand() AS e;
END $$;
DROP VIEW train, test;
CREATE TABLE folded AS SELECT * FROM cross_validate('likes', 'train_mf', '{"factors": 6, "iterations": 3}', folds => 4);
SELECT results_eq(format('SELECT metric, round(value::numeric, 9) FROM folded WHERE fold = %s', f), format('SELECT metric, round(value::numeric, 9) FROM fold(%s, 4)', f), 'fold ' || f) FROM generate_series(1, 4) AS f;
SELECT is((SELECT count(*) FROM folded AS m WHERE fold IS NULL AND abs(value - (SELECT avg(value) FROM folded AS f WHERE f.fold IS NOT NULL AND f.metric = m.metric)) > 1e-9), 0::bigint, 'first come the means');
SELECT is((SELECT round(standard_error::numeric, 9) FROM folded WHERE fold IS NULL AND metric = 'ndcg'), (SELECT round((stddev_samp(value) / 2)::numeric, 9) FROM folded WHERE fold IS NOT NULL AND metric = 'ndcg'), 'with the error between folds');
SELECT is((SELECT sum(ratings) FROM folded WHERE fold IS NOT NULL AND metric = 'overlap'), (SELECT count(*)::numeric FROM likes), 'each rating is held out once');
SELECT is((SELECT sum(value) FROM folded WHERE metric = 'overlap'), 0::float8, 'none of them is trained on');
SELECT is((SELECT count(*) FROM cross_validate('likes', options => '{"factors": 4}', split => split, folds => 2) WHERE fold IS NOT NULL AND metric = 'ndcg'), 2::bigint, 'split ' || split) FROM unnest('{random,leave_one_out}'::text[]) AS split;
SELECT is((SELECT count(*) FROM cross_validate('likes', options => '{"factors": 4, "time_column": "at"}', split => split, folds => 3, holdout => CASE WHEN split <> 'leave_one_out' THEN .2 END) WHERE fold IS NOT NULL AND metric = 'ndcg'), 3::bigint, 'by time: ' || split) FROM unnest('{leave_one_out,last,time}'::text[]) AS split;
SELECT cmp_ok((SELECT value FROM cross_validate('likes', options => '{"feedback": "explicit", "factors": 2}', folds => 2) WHERE fold IS NULL AND metric = 'rmse'), '>', 0::float8, 'explicit feedback has errors');
SELECT results_eq($$SELECT * FROM cross_validate('likes', options => '{"factors": "4", "positive_from": "3", "rating_column": "rating", "seed": 1, "fold_in": false}'::jsonb - 'fold_in', folds => 2)$$,
  $$SELECT * FROM cross_validate('likes', options => '{"factors": 4, "positive_from": 3, "seed": 1}', folds => 2, relevant_from => 3)$$, 'options as numbers or texts; a like is what the trainer says');
SELECT results_eq($$SELECT * FROM cross_validate('likes', options => '{"factors": 4, "regularization": null}', folds => 2)$$, $$SELECT * FROM cross_validate('likes', options => '{"factors": 4}', folds => 2)$$, 'null is no option');
CREATE FUNCTION bits(threads int) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('personalize.threads', threads::text, true);
  RETURN (SELECT md5(string_agg(e::text, ' ')) FROM cross_validate('likes', options => '{"factors": 6}', folds => 2) AS e);
END $$;
SELECT is((SELECT count(DISTINCT bits(threads)) FROM generate_series(1, 3) AS threads), 1::bigint, 'the same bits for 1, 2, 3 threads');
SELECT is((SELECT count(*) FROM personalize.models WHERE model NOT IN ('by hand', 'held out', 'all')), 0::bigint, 'no model is kept');
BEGIN READ ONLY;
SELECT is(try($$SELECT cross_validate('likes', options => '{"factors": 4}', folds => 2)$$), 'done', 'in a read-only transaction');
COMMIT;

-- Bad input.
CREATE TABLE calls (arguments text, answer text);
INSERT INTO calls VALUES
  ('NULL', '22004: ratings must not be NULL'),
  ('''likes'', NULL', '22004: trainer must not be NULL'),
  ('''likes'', ''train_tree''', '22023: trainer is "train_tree" (Use one of ''train_mf'', ''train_knn'', ''train_ease'', ''train_content''.)'),
  ('''likes'', options => NULL', '22004: options must not be NULL'),
  ('''likes'', options => ''[]''', '22023: options is not a JSON object (Give them as {"factors": 32}, or {} for none.)'),
  ('''likes'', options => ''7''', '22023: options is not a JSON object (Give them as {"factors": 32}, or {} for none.)'),
  ('''likes'', options => ''{"factors": [8]}''', '22023: option "factors" is an array (Give one value.)'),
  ('''likes'', options => ''{"factors": {}}''', '22023: option "factors" is an object or a nested array (Give one value, or an array of them where the option is an array.)'),
  ('''likes'', options => ''{"factors": 0}''', '22023: factors is 0 (Give a value from 1 to 1024.)'),
  ('''likes'', options => ''{"feedback": null}''', '22004: feedback must not be NULL'),
  ('''likes'', options => ''{"factors": 1.5}''', '22P02: option "factors": invalid input syntax for type integer: "1.5"'),
  ('''likes'', options => ''{"factors": true}''', '22P02: option "factors": invalid input syntax for type integer: "true"'),
  ('''likes'', options => ''{"solver": "sgd"}''', '22023: solver => ''sgd'' does not apply to implicit feedback (Use solver => ''als'', or feedback => ''explicit''.)'),
  ('''likes'', folds => 1', '22023: folds is 1 (Give a value from 2 to 100.)'),
  ('''likes'', folds => 101', '22023: folds is 101 (Give a value from 2 to 100.)'),
  ('''likes'', folds => NULL', '22004: folds must not be NULL'),
  ('''likes'', k => 0', '22023: k is 0 (Give a value from 1 to 2147483647.)'),
  ('''likes'', split => ''half''', '22023: split is "half" (Use one of ''random'', ''leave_one_out'', ''last'', ''time''.)'),
  ('''likes'', split => NULL', '22004: split must not be NULL'),
  ('''likes'', holdout => .1', '22023: holdout does not apply to split => ''random'' (Leave it out: each of the folds is held out in turn.)'),
  ('''likes'', split => ''leave_one_out'', holdout => .1', '22023: holdout does not apply to split => ''leave_one_out'' (Leave it out: one item of each user is held out.)'),
  ('''likes'', split => ''last''', '22023: split => ''last'' needs a time column (Name it with time_column => ''...''.)'),
  ('''likes'', candidates => -1', '22023: candidates is -1 (Give a value from 1 to 1000000.)');
SELECT is(try('SELECT cross_validate(' || arguments || ')'), answer, arguments) FROM calls;
SELECT matches(try('SELECT cross_validate(''likes'', options => ''{"' || name || '": 1}'')'), '^22023: train_mf has no option "' || name || '" here \(There are user_column, item_column, .*, max_share\.\)$', 'no option ' || name)
  FROM unnest('{ratings,Factors,factor}'::text[]) AS name;
SELECT is(try('SELECT cross_validate(''likes'', options => ''{"' || name || '": 1}'')'), '22023: option "' || name || '" is not for a training that is measured from outside (Leave it out; what is held out and how it is measured are arguments beside the options.)', 'no option ' || name)
  FROM unnest('{model,fold_in,holdout,split,split_from,k,refit}'::text[]) AS name;
SELECT matches(try('SELECT cross_validate(''likes'', options => ''{"": 1}'')'), '^22023: train_mf has no option "" here', 'no option without a name');
SELECT matches(try($$SELECT cross_validate('likes', options => '{"time_column": "at"}', split => 'time', folds => 20)$$), '^22023: ', 'too many folds for the time there is');
TRUNCATE calls;
INSERT INTO calls VALUES
  ('holdout => 0', '22023: holdout is 0 (Give a value from 1e-06 to 0.999999.)'),
  ('holdout => 1', '22023: holdout is 1 (Give a value from 1e-06 to 0.999999.)'),
  ('holdout => ''NaN''', '22023: holdout is NaN (Give a value from 1e-06 to 0.999999.)'),
  ('split => ''time'', time_column => ''at''', '22023: split => ''time'' needs to know how much to hold out (Give the newest share with holdout => 0.1, or a moment with split_from.)'),
  ('split => ''last'', time_column => ''at''', '22023: split => ''last'' needs to know how much to hold out (Give the share with holdout => 0.1.)'),
  ('split => ''time'', time_column => ''at'', holdout => .1, split_from => ''2026-01-01''', '22023: holdout and split_from both say what is held out (Leave one of them out.)'),
  ('holdout => .1, split_from => ''2026-01-01''', '22023: split_from does not apply to split => ''random'' (Leave it out, or use split => ''time''.)'),
  ('split => ''time'', holdout => .1', '22023: split => ''time'' needs a time column (Name it with time_column => ''...''.)'),
  ('split => ''leave_one_out'', holdout => .1', '22023: holdout does not apply to split => ''leave_one_out'' (Leave it out: one item of each user is held out.)'),
  ('split => ''some''', '22023: split is "some" (Use one of ''random'', ''leave_one_out'', ''last'', ''time''.)'),
  ('holdout => .1, k => 0', '22023: k is 0 (Give a value from 1 to 2147483647.)'),
  ('refit => true', '22023: refit does not apply to a training without a holdout (Leave it out, or give holdout => 0.1.)'),
  ('refit => NULL', '22004: refit must not be NULL');
SELECT is(try('SELECT train_mf(''likes'', ''refused'', ' || arguments || ')'), answer, arguments) FROM calls;
SELECT matches(try('SELECT train_mf(''likes'', ''refused'', split => ''time'', time_column => ''at'', split_from => ''1999-01-01'')'), '^22023: the split leaves no rating to train on: there are 1995 ratings of 200 users \(.*another seed\.\)$', 'nothing is left to train on');
SELECT matches(try('SELECT train_mf(''likes'', ''refused'', split => ''time'', time_column => ''at'', split_from => ''2999-01-01'')'), '^22023: the split leaves no rating held out: ', 'nothing is held out');
SELECT is((SELECT count(*) FROM personalize.models WHERE model = 'refused'), 0::bigint, 'nothing half-written stays');

-- Repeats are counted with a holdout, too.
CREATE TABLE repeated AS SELECT user_id, item_id, rating FROM likes UNION ALL SELECT user_id, item_id, rating FROM likes WHERE user_id <= 20;
SELECT is((SELECT merged FROM train_mf('repeated', 'repeated', factors => 4, holdout => .1)), (SELECT count(*) FROM likes WHERE user_id <= 20), 'merged rows, with a holdout');
SELECT is((SELECT merged FROM train_mf('repeated', 'repeated', factors => 4, holdout => .1, refit => true)), (SELECT count(*) FROM likes WHERE user_id <= 20), 'and with a refit');

-- Another function of the trainer's name is not taken for it.
CREATE FUNCTION public.train_mf(ratings regclass, model text) RETURNS text LANGUAGE sql AS 'SELECT ''decoy''';
SELECT is(try($$SELECT cross_validate('likes', options => '{"factors": 4}', folds => 2)$$), 'done', 'a decoy of the trainer is passed over');
DROP FUNCTION public.train_mf(regclass, text);

-- Rights: the ratings, as the caller sees them.
SELECT 'c_' || substr(md5(current_database() || pg_backend_pid()), 1, 8) AS stranger \gset
CREATE ROLE :"stranger";
GRANT EXECUTE ON FUNCTION try TO PUBLIC;
SET ROLE :"stranger";
SELECT is(try($$SELECT cross_validate('likes')$$), '42501: permission denied for table likes', 'not without the ratings');
RESET ROLE;
GRANT SELECT ON likes TO :"stranger";
ALTER TABLE likes ENABLE ROW LEVEL SECURITY;
CREATE POLICY few ON likes USING (user_id <= 50);
SET ROLE :"stranger";
SELECT cmp_ok((SELECT max(users) FROM cross_validate('likes', options => '{"factors": 4}', folds => 2) WHERE fold = 1), '<=', 50::bigint, 'row-level security holds');
RESET ROLE;
REVOKE ALL ON likes FROM :"stranger";
DROP ROLE :"stranger";
SELECT * FROM finish();
