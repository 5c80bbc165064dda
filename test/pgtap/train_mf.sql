-- train_mf: what it learns, that it always learns the same, and what it can be trained on.
SET client_min_messages = warning;
SELECT no_plan();

-- Two tastes: users and items of equal parity belong together. Each user has chosen 6 of the 20 items of their taste.
CREATE TABLE likes AS
  SELECT u AS user_id, i AS item_id, 1 + (u + i) % 5 AS rating
    FROM generate_series(1, 80) AS u,
         LATERAL (SELECT i FROM generate_series(u % 2, 39, 2) AS i ORDER BY md5(u || ' ' || i) LIMIT 6) AS chosen;
CREATE INDEX ON likes (user_id);
\ir ../include/stars.sql

CREATE FUNCTION bits(model text) RETURNS text LANGUAGE sql AS $$
  SELECT md5(string_agg(concat_ws(' ', kind, id, factor, bias), E'\n' ORDER BY kind, id))
    FROM (SELECT 'user', user_id, factor, bias FROM user_factors(model)
          UNION ALL SELECT 'item', item_id, factor, bias FROM item_factors(model)) AS f(kind, id, factor, bias)
$$;
CREATE FUNCTION losses(model text) RETURNS SETOF float8 LANGUAGE sql AS $$
  SELECT value::float8 FROM personalize.models AS m, jsonb_array_elements_text(m.metrics->'loss_by_iteration') WITH ORDINALITY AS l(value, k)
   WHERE m.model = losses.model AND active ORDER BY k
$$;
CREATE FUNCTION rises(model text) RETURNS bigint LANGUAGE sql AS $$
  SELECT count(*) FROM (SELECT loss, lag(loss) OVER (ORDER BY k) AS before FROM losses(model) WITH ORDINALITY AS l(loss, k)) AS l
   WHERE loss > before * (1 + 1e-6)
$$;

-- The summary.
SELECT results_eq($$SELECT model, version, algorithm, users, items, ratings, skipped, merged, iterations FROM train_mf('likes', factors => 2)$$,
  $$VALUES ('default', 1, 'mf_als', 80::bigint, 40::bigint, 480::bigint, 0::bigint, 0::bigint, 10)$$, 'summary of a training with defaults');
SELECT is((SELECT options->>'factors' FROM train_mf('likes', 'sixty-four', iterations => 1)), '64', 'factors => 64 is the default');
SELECT ok((SELECT (options->>'regularization')::float8 > 0 AND (options->>'unobserved_weight')::float8 > 0 FROM personalize.models WHERE model = 'sixty-four'),
  'defaults chosen from the data are reported');
SELECT ok((SELECT (timings->>'read')::float8 >= 0 AND (timings->>'train')::float8 >= 0 AND seconds > 0 FROM train_mf('likes', 'sixty-four', iterations => 1)),
  'timings are reported');

-- What it learnt.
SELECT is((SELECT count(*) FROM generate_series(1, 80) AS u, recommend_for(u, 10) AS r WHERE r.item_id % 2 = u % 2), 800::bigint,
  'everyone is recommended items of their own taste alone');

-- The loss goes down in every iteration, for each kind of ALS.
SELECT lives_ok($$SELECT train_mf('likes', 'binary', factors => 6, iterations => 12)$$, 'implicit');
SELECT lives_ok($$SELECT train_mf('likes', 'linear', factors => 6, iterations => 12, weighting => 'linear')$$, 'implicit, linear');
SELECT lives_ok($$SELECT train_mf('likes', 'log', factors => 6, iterations => 12, weighting => 'log')$$, 'implicit, log');
SELECT lives_ok($$SELECT train_mf('likes', 'dislikes', factors => 6, iterations => 12, positive_from => 2)$$, 'implicit with dislikes');
SELECT lives_ok($$SELECT train_mf('likes', 'blocks', factors => 150, iterations => 6)$$, 'implicit, more factors than are solved at once');
SELECT lives_ok($$SELECT train_mf('known_stars', 'explicit', factors => 4, iterations => 12, feedback => 'explicit')$$, 'explicit');
SELECT is(rises(m), 0::bigint, 'loss never rises: ' || m) FROM unnest('{binary,linear,log,dislikes,blocks,explicit}'::text[]) AS m;
SELECT is((SELECT count(*) FROM losses('binary')), 12::bigint, 'a loss for each iteration');
SELECT ok((SELECT count(DISTINCT loss) > 1 FROM losses(m) AS loss), 'loss changes: ' || m) FROM unnest('{binary,linear,log,dislikes,blocks,explicit}'::text[]) AS m;
SELECT isnt(bits('binary'), bits('linear'), 'linear weighting is another model');
SELECT isnt(bits('linear'), bits('log'), 'log weighting is a third');
SELECT isnt(bits('binary'), bits('dislikes'), 'so are dislikes');

-- Explicit feedback is predicted better than by the mean, by both solvers.
SELECT lives_ok($$SELECT train_mf('known_stars', 'sgd', factors => 4, iterations => 60, feedback => 'explicit', solver => 'sgd', learning_rate => 0.02)$$, 'sgd');
SELECT is((SELECT algorithm FROM personalize.models WHERE model = 'sgd'), 'mf_sgd', 'sgd is said to be sgd');
SELECT cmp_ok(rmse('explicit'), '<', (SELECT error * 0.5 FROM by_mean), 'als halves the error of the mean');
SELECT cmp_ok(rmse('sgd'), '<', (SELECT error * 0.5 FROM by_mean), 'sgd halves the error of the mean');
SELECT ok((SELECT bool_and(predict_rating(user_id, item_id, m) BETWEEN lowest AND highest) FROM stars, (SELECT min(rating) AS lowest, max(rating) AS highest FROM stars) AS s),
  'predictions stay within the scale: ' || m) FROM unnest('{explicit,sgd}'::text[]) AS m;

-- Ratings that have not changed since give the factors that the training gave.
SELECT lives_ok($$SELECT train_mf('known_stars', 'stored', factors => 4, iterations => 12, feedback => 'explicit', fold_in => false)$$, 'stored');
SELECT is((SELECT count(*) FROM stars WHERE predict_rating(user_id, item_id, 'explicit') <> predict_rating(user_id, item_id, 'stored')), 0::bigint,
  'explicit: folded in or stored, the prediction is the same');
SELECT lives_ok($$SELECT train_mf('likes', 'stored', factors => 6, iterations => 12, fold_in => false)$$, 'stored');
SELECT is((SELECT count(*) FROM generate_series(1, 80) AS u, generate_series(0, 39) AS i WHERE abs(predict_rating(u, i, 'binary') - predict_rating(u, i, 'stored')) > 1e-6), 0::bigint,
  'implicit: folded in or stored, the prediction is the same');

-- tolerance ends early, and 0 does not.
SELECT cmp_ok((SELECT iterations FROM train_mf('likes', 'tolerant', factors => 4, iterations => 200, tolerance => 0.01)), '<', 200, 'tolerance ends a training');
SELECT is((SELECT count(*) FROM losses('tolerant')), (SELECT jsonb_array_length(metrics->'loss_by_iteration') FROM personalize.models WHERE model = 'tolerant')::bigint,
  'losses of the iterations that were made');
SELECT is((SELECT iterations FROM train_mf('likes', 'tolerant', factors => 4, iterations => 30)), 30, 'no tolerance, all iterations');
SELECT cmp_ok((SELECT iterations FROM train_mf('known_stars', 'tolerant', factors => 4, iterations => 500, tolerance => 0.01, feedback => 'explicit', solver => 'sgd')), '<', 500,
  'tolerance ends gradient descent');

-- Same data, same seed, same bits: for any number of threads and any order of rows.
CREATE TABLE likes_shuffled AS SELECT * FROM likes ORDER BY md5(user_id || ' ' || item_id);
CREATE TABLE stars_shuffled AS SELECT * FROM known_stars ORDER BY md5(user_id || ' ' || item_id);
CREATE TABLE runs (kind text, threads int, source text, bits text);
CREATE FUNCTION run(kind text, threads int, source text, options text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('personalize.threads', threads::text, true);
  EXECUTE format('SELECT train_mf(%L, ''run'', iterations => 3, %s)', source, options);
  INSERT INTO runs SELECT kind, threads, source, bits('run');
END $$;
SELECT count(run(kind, threads, source, options)) > 0 AS ran
  FROM (VALUES ('implicit', 'likes', 'factors => 20'), ('implicit', 'likes_shuffled', 'factors => 20'),
               ('weighted', 'likes', 'factors => 5, weighting => ''log'', positive_from => 2'), ('weighted', 'likes_shuffled', 'factors => 5, weighting => ''log'', positive_from => 2'),
               ('blocks', 'likes', 'factors => 150'), ('blocks', 'likes_shuffled', 'factors => 150'),
               ('explicit', 'known_stars', 'factors => 5, feedback => ''explicit'''), ('explicit', 'stars_shuffled', 'factors => 5, feedback => ''explicit'''),
               ('sgd', 'known_stars', 'factors => 5, feedback => ''explicit'', solver => ''sgd'''), ('sgd', 'stars_shuffled', 'factors => 5, feedback => ''explicit'', solver => ''sgd'''))
    AS r(kind, source, options), generate_series(1, 3) AS threads \gset
SELECT is(count(*), 6::bigint, 'six runs: ' || kind) FROM runs GROUP BY kind ORDER BY kind;
SELECT is(count(DISTINCT bits), 1::bigint, 'one result for 1, 2, 3 threads and for shuffled rows: ' || kind) FROM runs GROUP BY kind ORDER BY kind;
SELECT is(count(DISTINCT bits), 5::bigint, 'another result for each kind') FROM runs;
SELECT count(run('seed', 1, 'likes', 'factors => 20, seed => ' || seed)) AS ran FROM unnest('{1,-1,9223372036854775807}'::bigint[]) AS seed \gset
SELECT is(count(DISTINCT bits), 4::bigint, 'another result for each seed') FROM runs WHERE kind = 'seed' OR (kind = 'implicit' AND threads = 1 AND source = 'likes');

-- binary weighting does not look at ratings; repeats are one choice.
CREATE TABLE likes_other_ratings AS SELECT user_id, item_id, rating * 7 AS rating FROM likes UNION ALL SELECT user_id, item_id, 1 FROM likes WHERE user_id < 9;
SELECT is((SELECT merged FROM train_mf('likes_other_ratings', 'other', factors => 6, iterations => 12)), 48::bigint, 'repeats are merged');
SELECT is(bits('other'), bits('binary'), 'with binary weighting a choice is a choice');
SELECT lives_ok($$SELECT train_mf('likes', 'no_column', rating_column => NULL, factors => 6, iterations => 12)$$, 'no rating column');
SELECT is(bits('no_column'), bits('binary'), 'without a rating column each row counts 1');

-- mean, last and single rows of the same ratings are the same model.
CREATE TABLE stars_twice AS
  SELECT user_id, item_id, rating + 1 AS rating, 1 AS at FROM known_stars UNION ALL SELECT user_id, item_id, rating - 1, 2 FROM known_stars;
CREATE TABLE stars_revised AS
  SELECT user_id, item_id, rating, '2026-02-02'::timestamptz AS at FROM known_stars UNION ALL SELECT user_id, item_id, 1, '2026-02-01' FROM known_stars;
SELECT lives_ok($$SELECT train_mf('stars_revised', 'last', factors => 4, iterations => 12, feedback => 'explicit', on_duplicate => 'last', time_column => 'at')$$, 'last');
SELECT is(bits('last'), bits('explicit'), 'on_duplicate => ''last'' takes the last');
SELECT lives_ok($$SELECT train_mf('stars_twice', 'mean', factors => 4, iterations => 12, feedback => 'explicit')$$, 'mean');
SELECT cmp_ok(rmse('mean'), '<', (SELECT error * 0.5 FROM by_mean), 'on_duplicate => ''mean'' takes the mean');

-- A dislike counts against an item.
CREATE TABLE opinions AS SELECT user_id, item_id, 5 AS rating FROM likes
  UNION ALL SELECT u, 101, CASE WHEN u % 2 = 0 THEN 1 ELSE 5 END FROM generate_series(1, 40) AS u;
SELECT lives_ok($$SELECT train_mf('opinions', 'opinions', factors => 8, positive_from => 3)$$, 'dislikes');
SELECT cmp_ok((SELECT avg(predict_rating(u, 101, 'opinions')) FROM generate_series(41, 79, 2) AS u), '>',
              (SELECT avg(predict_rating(u, 101, 'opinions')) FROM generate_series(42, 80, 2) AS u), 'those whose like dislike it are expected to');
SELECT is((SELECT score FROM popular_items(1000, 'opinions') WHERE item_id = 101), 20::real, 'dislikes are not popularity');

-- Sources of every kind give the same model.
CREATE VIEW likes_view AS SELECT user_id, item_id, rating FROM likes;
CREATE MATERIALIZED VIEW likes_stored AS SELECT * FROM likes;
CREATE TABLE likes_parted (rating smallint, user_id bigint NOT NULL, item_id smallint) PARTITION BY HASH (user_id);
CREATE TABLE likes_parted_0 PARTITION OF likes_parted FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE likes_parted_1 (item_id smallint, rating smallint, dropped text, user_id bigint NOT NULL);
ALTER TABLE likes_parted_1 DROP COLUMN dropped;
ALTER TABLE likes_parted ATTACH PARTITION likes_parted_1 FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO likes_parted (user_id, item_id, rating) SELECT * FROM likes;
CREATE TEMPORARY TABLE likes_temporary AS SELECT * FROM likes;
CREATE UNLOGGED TABLE likes_unlogged AS SELECT * FROM likes;
CREATE TABLE likes_parent (user_id int, item_id int, rating numeric);
CREATE TABLE likes_child () INHERITS (likes_parent);
INSERT INTO likes_parent SELECT * FROM likes WHERE user_id < 10;
INSERT INTO likes_child SELECT * FROM likes WHERE user_id >= 10;
CREATE FUNCTION bits_of_source(source text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('SELECT train_mf(%L, ''of a source'', factors => 6, iterations => 12)', source);
  RETURN bits('of a source') || ' ' || (SELECT md5(string_agg(r::text, ' ')) FROM recommend_for(5, 10, 'of a source') AS r);
END $$;
SELECT is(bits_of_source(source), bits_of_source('likes'), 'the same model and answer from ' || source)
  FROM unnest('{likes_view,likes_stored,likes_parted,likes_temporary,likes_unlogged,likes_parent}'::text[]) AS source;

-- A foreign table.
CREATE EXTENSION file_fdw;
CREATE SERVER files FOREIGN DATA WRAPPER file_fdw;
SELECT format('%s/personalize_likes_%s.csv', current_setting('data_directory'), pg_backend_pid()) AS file \gset
SELECT format('COPY likes (user_id, item_id, rating) TO %L', :'file') \gexec
SELECT format('CREATE FOREIGN TABLE likes_foreign (user_id int, item_id int, rating int) SERVER files OPTIONS (filename %L)', :'file') \gexec
SELECT is(bits_of_source('likes_foreign'), bits_of_source('likes'), 'the same model and answer from a foreign table');
SELECT format('COPY (SELECT) TO PROGRAM ''cat >/dev/null; rm %s''', :'file') \gexec

-- Ratings of every type of number.
CREATE TABLE likes_typed AS SELECT user_id, item_id, rating::smallint AS small, rating::bigint AS big, rating::numeric AS numeric, rating::float8 AS double FROM likes;
CREATE DOMAIN positive AS int CHECK (VALUE > 0);
ALTER TABLE likes_typed ADD domain positive;
UPDATE likes_typed SET domain = small;
CREATE FUNCTION bits_of_column(source text, rating name) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('SELECT train_mf(%L, ''of a column'', rating_column => %L, weighting => ''linear'', factors => 6, iterations => 12)', source, rating);
  RETURN bits('of a column');
END $$;
SELECT is(bits_of_column('likes_typed', c), bits('linear'), 'ratings of type ' || c) FROM unnest('{small,big,numeric,double,domain}'::name[]) AS c;

-- The rows of this transaction, and nothing after it is rolled back.
BEGIN;
INSERT INTO likes VALUES (1000, 1000, 1);
SELECT is((SELECT users FROM train_mf('likes', 'now', factors => 2, iterations => 1)), 81::bigint, 'a training sees rows of its own transaction');
ROLLBACK;
SELECT is((SELECT count(*) FROM personalize.models WHERE model = 'now'), 0::bigint, 'a training that is rolled back leaves no model');
SELECT is((SELECT count(*) FROM personalize.model_block AS b WHERE NOT EXISTS (SELECT FROM personalize.model AS m WHERE m.version_id = b.version_id)), 0::bigint,
  'no block is without its model');

-- Used in a query as any function that returns a row.
SELECT is((SELECT count(*) FROM unnest('{likes,likes_view}'::regclass[]) AS source, train_mf(source, 'each of ' || source, factors => 2, iterations => 1)), 2::bigint,
  'one training for each row');
SELECT is((train_mf('likes', 'field', factors => 2, iterations => 1)).users, 80::bigint, 'one field of the result');
SELECT * FROM finish();
