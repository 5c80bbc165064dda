-- tune_mf: what it tries, chooses and keeps. Whole servers (who sees it when, cancel): test/tap/011_tuning.pl.
SET client_min_messages = warning;
SET jit = off;
SELECT no_plan();
\ir ../include/try.sql
CREATE TABLE likes AS SELECT u AS user_id, i AS item_id, 1 + abs(hashint4(u * 131 + i)) % 5 AS rating
  FROM generate_series(1, 300) AS u, LATERAL (SELECT i FROM generate_series(u % 3, 89, 3) AS i ORDER BY md5(u || ' ' || i) LIMIT 6 + u % 9) AS chosen;
CREATE INDEX ON likes (user_id);
CREATE VIEW trials AS SELECT * FROM personalize.tuning_trials;

CALL tune_mf('likes', trials => 12, max_factors => 32);
SELECT is((SELECT max(version) FROM personalize.models), 1, 'a version is made');
SELECT is((SELECT count(*) FROM trials), 12::bigint, 'and kept');
SELECT is((SELECT array_agg(trial ORDER BY trial) FROM trials), (SELECT array_agg(t) FROM generate_series(1, 12) AS t), 'a row each');
SELECT is((SELECT count(*) FROM trials WHERE state = 'chosen'), 1::bigint, 'one is chosen');
SELECT is((SELECT score FROM trials WHERE state = 'chosen'), (SELECT max(score) FROM trials), 'the best one');
SELECT cmp_ok((SELECT score FROM trials WHERE state = 'chosen'), '>=', (SELECT score FROM trials WHERE trial = 1), 'at least as good as the defaults');
SELECT is((SELECT options - 'regularization' - 'unobserved_weight' FROM trials WHERE trial = 1),
  (SELECT options - 'regularization' - 'unobserved_weight' || '{"factors": 32}' FROM train_mf('likes', 'plain')), 'trial 1 are the defaults (and max_factors holds)');
SELECT is((SELECT round((options->>'regularization')::numeric, 3) FROM trials WHERE trial = 1), .015, 'the default regularization');
SELECT is((SELECT count(DISTINCT options) FROM trials), 12::bigint, 'all settings are different');
SELECT is((SELECT options - 'iterations' FROM personalize.models WHERE model = 'default'), (SELECT options - 'iterations' FROM trials WHERE state = 'chosen'), 'the model has the settings that were chosen');
SELECT is((SELECT (options->>'iterations')::int FROM personalize.models WHERE model = 'default'), (SELECT iterations FROM trials WHERE state = 'chosen'), 'with the iterations that scored best');
SELECT is((SELECT ratings FROM personalize.models WHERE model = 'default'), (SELECT count(*) FROM likes), 'it is trained on everything');
SELECT is((SELECT round((metrics->'validation'->'ndcg'->>'value')::numeric, 6) FROM personalize.models WHERE model = 'default'), (SELECT round(score::numeric, 6) FROM trials WHERE state = 'chosen'), 'its validation score is in personalize.models');
SELECT is((SELECT metrics->'holdout' FROM personalize.models WHERE model = 'default'), '{"split": "random", "holdout": 0.1, "seed": 0, "k": 10}', 'with what it was measured on');
SELECT cmp_ok((SELECT max((options->>'factors')::int) FROM trials), '<=', 32, 'no more factors than max_factors');

-- The score is what evaluate_model says of the same training.
CREATE VIEW train AS SELECT * FROM likes WHERE NOT in_holdout(user_id, item_id, .1);
CREATE VIEW test AS SELECT * FROM likes WHERE in_holdout(user_id, item_id, .1);
SELECT options->>'factors' AS factors, iterations, options->>'regularization' AS regularization, options->>'unobserved_weight' AS weight, score FROM trials WHERE trial = 1 \gset one_
SELECT count(*) FROM train_mf('train', 'by hand', factors => :one_factors, iterations => :one_iterations) \gset trained_
SELECT is((SELECT round(value::numeric, 9) FROM evaluate_model('by hand', 'test') WHERE metric = 'ndcg'), round(:one_score::numeric, 9), 'scores are those of evaluate_model');

-- The same seed, the same trials; another one, others; runs are kept like versions.
CALL tune_mf('likes', trials => 12, max_factors => 32);
SELECT is((SELECT version FROM personalize.models WHERE model = 'default' AND active), 2, 'the next version');
SELECT results_eq('SELECT trial, options, score, iterations FROM trials WHERE run = 1 ORDER BY trial', 'SELECT trial, options, score, iterations FROM trials WHERE run = 2 ORDER BY trial', 'the same seed gives the same trials');
SET personalize.threads = 1;
CALL tune_mf('likes', trials => 12, max_factors => 32);
RESET personalize.threads;
SELECT is((SELECT array_agg(DISTINCT run ORDER BY run) FROM trials), '{2,3}', 'the runs of the last versions stay');
SELECT results_eq('SELECT trial, options, score FROM trials WHERE run = 2 ORDER BY trial', 'SELECT trial, options, score FROM trials WHERE run = 3 ORDER BY trial', 'for any number of threads');
CALL tune_mf('likes', 'other', trials => 3, max_factors => 32, seed => 5);
SELECT isnt((SELECT options->>'regularization' FROM trials WHERE model = 'other' AND trial = 2), (SELECT options->>'regularization' FROM trials WHERE model = 'default' AND run = 3 AND trial = 2), 'another seed gives others');

-- What is given is not searched.
CALL tune_mf('likes', 'fixed', trials => 5, factors => 8, iterations => 4, regularization => .02);
SELECT is((SELECT array_agg(DISTINCT (options->>'factors', options->>'iterations', options->>'regularization')::text) FROM trials WHERE model = 'fixed'), '{"(8,4,0.02)"}', 'what is given is not searched');
SELECT is((SELECT count(DISTINCT options->>'unobserved_weight') FROM trials WHERE model = 'fixed'), 5::bigint, 'the rest is');
CALL tune_mf('likes', 'stars', trials => 4, feedback => 'explicit', max_factors => 16);
SELECT is((SELECT array_agg(DISTINCT metric) FROM trials WHERE model = 'stars'), '{rmse}', 'explicit feedback: the error');
SELECT is((SELECT score FROM trials WHERE model = 'stars' AND state = 'chosen'), (SELECT min(score) FROM trials WHERE model = 'stars'), 'the smallest');
CALL tune_mf('likes', 'recall', trials => 2, metric => 'recall', k => 3, split => 'leave_one_out', max_factors => 16, positive_from => 3);
SELECT is((SELECT metrics->'holdout'->>'split' FROM personalize.models WHERE model = 'recall'), 'leave_one_out', 'another metric, another split');
CALL tune_mf('likes', 'sgd', trials => 2, feedback => 'explicit', solver => 'sgd', max_factors => 16);
SELECT is((SELECT algorithm FROM personalize.models WHERE model = 'sgd'), 'mf_sgd', 'gradient descent');
CALL tune_mf('likes', 'diverging', trials => 9, feedback => 'explicit', solver => 'sgd', learning_rate => .3, max_factors => 64);
SELECT ok((SELECT score FROM trials WHERE model = 'diverging' AND state = 'chosen') IS NOT NULL, 'a trial that diverges is not the end');
SELECT throws_ok($$CALL tune_mf('likes', 'diverging', trials => 4, feedback => 'explicit', solver => 'sgd', learning_rate => 1, factors => 64)$$, '22023', NULL, 'unless all do');
CALL tune_mf('likes', 'unlimited', trials => 2, budget => NULL, max_factors => 16);
SELECT is((SELECT count(*) FROM trials WHERE model = 'unlimited'), 2::bigint, 'without a budget');
CALL tune_mf('likes', 'one', trials => 1);
SELECT results_eq('SELECT trial, state FROM trials WHERE model = ''one''', 'VALUES (1, ''chosen'')', 'one trial: the defaults');

-- The trials go with the model.
SELECT drop_model('fixed');
SELECT is((SELECT count(*) FROM trials WHERE model = 'fixed'), 0::bigint, 'the trials go with the model');

SELECT throws_ok($$CALL tune_mf('likes', 'fixed', trials => 2, metric => 'recall', split => 'leave_one_out', k => 3, positive_from => 6)$$, '22023', NULL, 'nothing is liked');
INSERT INTO personalize.tuning_trial SELECT 'unfinished', 1, 1, current_user, 'scored', 'ndcg', .1, NULL, .1, 10, 2, '{}', 1, now();
SELECT lives_ok($$SELECT drop_model('unfinished')$$, 'trials that came to no model are dropped by their name');
SELECT is((SELECT count(*) FROM trials WHERE model = 'unfinished'), 0::bigint, 'and are gone');
SELECT throws_ok($$SELECT drop_model('unfinished')$$, '42704', 'model "unfinished" does not exist', 'once');

-- In a transaction block: the same, at its end.
SET client_min_messages = error;
BEGIN;
CALL tune_mf('likes', 'block', trials => 2, max_factors => 16);
SELECT is((SELECT count(*) FROM trials WHERE model = 'block'), 2::bigint, 'in a transaction block');
ROLLBACK;
SELECT is((SELECT count(*) FROM trials WHERE model = 'block'), 0::bigint, 'rolled back');
SELECT is((SELECT count(*) FROM personalize.models WHERE model = 'block'), 0::bigint, 'with the model');
DO $$ BEGIN CALL tune_mf('likes', 'in a block', trials => 2, max_factors => 16); END $$;
SELECT is((SELECT count(*) FROM trials WHERE model = 'in a block'), 2::bigint, 'in a DO block');
DO $$ BEGIN CALL tune_mf('likes', 'in a handler', trials => 2, max_factors => 16); EXCEPTION WHEN division_by_zero THEN NULL; END $$;
SELECT is((SELECT count(*) FROM trials WHERE model = 'in a handler'), 2::bigint, 'in a block with a handler');
CREATE PROCEDURE tune_all() LANGUAGE plpgsql AS $$ BEGIN CALL tune_mf('likes', 'nested', trials => 2, max_factors => 16); CALL tune_mf('likes', 'nested', trials => 3, max_factors => 16); COMMIT; END $$;
CALL tune_all();
SELECT is((SELECT array_agg((run, trial)::text ORDER BY run, trial) FROM trials WHERE model = 'nested'), '{"(1,1)","(1,2)","(2,1)","(2,2)","(2,3)"}', 'in a procedure');
SET client_min_messages = warning;

-- Bad input; nothing stays of it.
CREATE TABLE calls (arguments text, answer text);
INSERT INTO calls VALUES
  ('NULL', '22004: ratings must not be NULL'),
  ('trials => 0', '22023: trials is 0 (Give a value from 1 to 10000.)'),
  ('trials => NULL', '22004: trials must not be NULL'),
  ('max_factors => 0', '22023: max_factors is 0 (Give a value from 1 to 1024.)'),
  ('max_factors => 1025', '22023: max_factors is 1025 (Give a value from 1 to 1024.)'),
  ('budget => ''0''', '22023: budget is 0.000000 seconds (Give an interval above 0, up to 1e9 seconds (31 years), or NULL for none.)'),
  ('budget => ''-1 hour''', '22023: budget is -3600.000000 seconds (Give an interval above 0, up to 1e9 seconds (31 years), or NULL for none.)'),
  ('budget => ''1 microsecond''', '22023: the time ended before the first trial was scored (Give a longer budget, or train once with train_mf().)'),
  ('metric => ''rmse''', '22023: metric is "rmse" (Use one of ''precision'', ''recall'', ''recall_capped'', ''f1'', ''ndcg'', ''map'', ''mrr'', ''hit_rate'', or feedback => ''explicit''.)'),
  ('factors => 8, iterations => 2, regularization => .1, unobserved_weight => .1', '22023: all settings are given: nothing is left to search (Leave out what is to be searched, or train once with train_mf().)'),
  ('metric => ''coverage'', feedback => ''explicit''', '22023: metric is "coverage" (Use one of ''rmse'', ''mae'', ''precision'', ''recall'', ''recall_capped'', ''f1'', ''ndcg'', ''map'', ''mrr'', ''hit_rate''.)'),
  ('factors => 0', '22023: factors is 0 (Give a value from 1 to 1024.)'),
  ('split => ''time''', '22023: split => ''time'' needs a time column (Name it with time_column => ''...''.)'),
  ('holdout => 2', '22023: holdout is 2 (Give a value from 1e-06 to 0.999999.)'),
  ('solver => ''sgd''', '22023: solver => ''sgd'' does not apply to implicit feedback (Use solver => ''als'', or feedback => ''explicit''.)'),
  ('user_column => ''nobody''', '42703: relation public.likes has no column "nobody" (Name the column with user_column => ''...''; there are: user_id, item_id, rating.)');
SELECT is(try('CALL tune_mf(' || CASE WHEN arguments = 'NULL' THEN 'NULL' ELSE '''likes'', ''refused'', ' || arguments END || ')'), answer, arguments) FROM calls;
SELECT is((SELECT count(*) FROM trials WHERE model = 'refused') + (SELECT count(*) FROM personalize.models WHERE model = 'refused'), 0::bigint, 'nothing stays of what is refused');
BEGIN READ ONLY;
SELECT is(try($$CALL tune_mf('likes', trials => 2)$$), '25006: cannot execute training in a read-only transaction', 'not in a read-only transaction');
COMMIT;
CREATE TABLE many AS SELECT k % 1000 AS user_id, k / 1000 AS item_id, 1::real AS rating FROM generate_series(1, 100000) AS k;
SET personalize.max_memory = '1MB';
SELECT matches(try($$CALL tune_mf('many', 'refused', trials => 2)$$), '^53400: ', 'memory is limited');
RESET personalize.max_memory;

-- Rights.
SELECT 't_' || substr(md5(current_database() || pg_backend_pid()), 1, 8) AS stranger \gset
CREATE ROLE :"stranger";
GRANT EXECUTE ON FUNCTION try TO PUBLIC;
SET ROLE :"stranger";
SELECT is((SELECT count(*) FROM personalize.tuning_trials), 0::bigint, 'trials of others are not seen');
SELECT throws_ok('SELECT * FROM personalize.tuning_trial', '42501', NULL, 'no rights on the table');
SELECT throws_ok('INSERT INTO personalize.tuning_trial SELECT * FROM personalize.tuning_trial', '42501', NULL, 'not to write, either');
SELECT is(try($$CALL tune_mf('likes', 'theirs', trials => 2)$$), '42501: permission denied for table likes', 'not without the ratings');
RESET ROLE;
GRANT SELECT ON likes TO :"stranger";
SET ROLE :"stranger";
SELECT is(try($$CALL tune_mf('likes', 'default', trials => 2)$$), '42501: permission denied for model "default" (Only its owner may change it.)', 'not another''s model');
CALL tune_mf('likes', 'theirs', trials => 2, max_factors => 16);
SELECT is((SELECT array_agg(DISTINCT model) FROM personalize.tuning_trials), '{theirs}', 'one''s own are');
SELECT drop_model('theirs');
SELECT is((SELECT count(*) FROM personalize.tuning_trials), 0::bigint, 'dropped with it');
RESET ROLE;
REVOKE ALL ON likes FROM :"stranger";
DROP ROLE :"stranger";
SELECT * FROM finish();
