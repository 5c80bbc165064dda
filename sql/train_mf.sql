-- What train_mf refuses, with SQLSTATE, message and hint; and that nothing stays of a training that failed.
CREATE FUNCTION train(source text, options text DEFAULT '') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  hint text;
BEGIN
  EXECUTE 'SELECT train_mf(' || coalesce(quote_literal(source), 'NULL') || options || ')';
  RETURN 'trained';
EXCEPTION
  WHEN undefined_function THEN RETURN SQLSTATE;  -- PostgreSQL's own words, which differ between its versions
  WHEN OTHERS THEN
  GET STACKED DIAGNOSTICS hint = PG_EXCEPTION_HINT;
  RETURN SQLSTATE || ': ' || SQLERRM || coalesce(' (' || nullif(hint, '') || ')', '');
END $$;
CREATE FUNCTION refused(options text[]) RETURNS TABLE (option text, answer text) LANGUAGE sql AS $$
  SELECT o, train('good_ratings', ', ' || o) FROM unnest(options) WITH ORDINALITY AS u(o, k) ORDER BY k
$$;
CREATE TABLE good_ratings (user_id int, item_id int, rating real, at timestamptz, word text, flag boolean, amount numeric, price money, gone int);
ALTER TABLE good_ratings DROP COLUMN gone;
CREATE INDEX ON good_ratings (user_id);
INSERT INTO good_ratings SELECT u, i, 1 + (u * i) % 5, '2026-01-01', 'a', true, 2.5, 1 FROM generate_series(1, 4) AS u, generate_series(1, 3) AS i;
\pset format unaligned
\pset tuples_only on

-- Every option: NULL where it needs a value.
SELECT * FROM refused('{model => NULL,user_column => NULL,item_column => NULL,feedback => NULL,weighting => NULL,
  solver => NULL,tolerance => NULL,fold_in => NULL}');
SELECT train(NULL);
-- and where it does not
SELECT * FROM refused('{positive_from => NULL,factors => NULL,iterations => NULL,regularization => NULL,unobserved_weight => NULL,learning_rate => NULL,
  seed => NULL,on_duplicate => NULL,time_column => NULL,rating_column => NULL}');
SELECT drop_model('default');

-- A choice that there is not.
SELECT * FROM refused(ARRAY['feedback => ''stars''', 'feedback => ''''', 'feedback => ''IMPLICIT''', 'weighting => ''square''',
  'solver => ''newton''', 'on_duplicate => ''first''', 'model => ''''', 'model => repeat(''x'', 129)']);

-- Numbers out of range.
SELECT * FROM refused('{factors => 0,factors => -1,factors => 1025,factors => 100000,factors => 2147483647,factors => 2147483648,
  iterations => 0,iterations => -1,iterations => 10001,
  regularization => 0,regularization => -1,regularization => 1e10,regularization => ''NaN'',regularization => ''Infinity'',
  unobserved_weight => 0,unobserved_weight => -0.1,unobserved_weight => ''NaN'',unobserved_weight => ''Infinity'',
  tolerance => -0.1,tolerance => 1.5,tolerance => ''NaN'',
  positive_from => ''NaN'',positive_from => ''Infinity'',positive_from => 6}');
SELECT * FROM refused(ARRAY['feedback => ''explicit'', solver => ''sgd'', learning_rate => 0',
  'feedback => ''explicit'', solver => ''sgd'', learning_rate => 1.5', 'feedback => ''explicit'', solver => ''sgd'', learning_rate => ''NaN''']);

-- Values of another type.
SELECT * FROM refused(ARRAY['factors => ''many''', 'factors => true', 'tolerance => ''little''', 'seed => 9223372036854775808', 'fold_in => ''perhaps''', 'no_such_option => 1']);

-- Options that do not go together.
SELECT * FROM refused(ARRAY['solver => ''sgd''', 'learning_rate => 0.1',
  'feedback => ''explicit'', positive_from => 4', 'feedback => ''explicit'', weighting => ''linear''',
  'feedback => ''explicit'', unobserved_weight => 0.1', 'feedback => ''explicit'', learning_rate => 0.1',
  'feedback => ''explicit'', rating_column => NULL', 'on_duplicate => ''last''']);

-- Columns.
SELECT * FROM refused(ARRAY['user_column => ''customer''', 'item_column => ''product''', 'rating_column => ''stars''',
  'time_column => ''when'', on_duplicate => ''last''', 'user_column => ''''', 'user_column => ''USER_ID''', 'user_column => ''gone''',
  'user_column => ''........pg.dropped.9........''', 'user_column => ''at''', 'item_column => ''rating''', 'item_column => ''flag''',
  'user_column => ''ctid''', 'user_column => ''tableoid''', 'rating_column => ''at''', 'rating_column => ''flag''', 'rating_column => ''price''',
  'rating_column => ''word''', 'time_column => ''word''', 'time_column => ''flag''']);

-- Relations.
CREATE VIEW good_view AS SELECT * FROM good_ratings;
CREATE SEQUENCE no_relation_sequence;
CREATE INDEX no_relation_index ON good_ratings (item_id);
CREATE TYPE no_relation_type AS (user_id int, item_id int, rating real);
CREATE TABLE no_columns ();
CREATE TABLE wrong_columns (a int, "B c" int);
SELECT r, train(r) FROM unnest('{no_such_table,no_relation_sequence,no_relation_index,no_relation_type,no_columns,wrong_columns,0,4294967295}'::text[]) AS r;
SELECT train('');
SELECT train('good_view', ', time_column => ''at'', on_duplicate => ''last''');
SELECT drop_model('default');

-- Ratings that cannot be trained on.
CREATE TABLE bad_ratings (user_id int, item_id int, rating float8);
CREATE INDEX ON bad_ratings (user_id);
CREATE FUNCTION of_ratings(float8[], options text DEFAULT '') RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  TRUNCATE bad_ratings;
  INSERT INTO bad_ratings SELECT k % 2, k, r FROM unnest($1) WITH ORDINALITY AS u(r, k);
  RETURN train('bad_ratings', options);
END $$;
SELECT of_ratings('{1,Infinity,1}');
SELECT of_ratings('{1,-Infinity,1}');
SELECT of_ratings('{1,1e300,1}');
SELECT of_ratings('{NaN,NULL}');
SELECT of_ratings('{1,0}', ', weighting => ''linear''');
SELECT of_ratings('{1,-2}', ', weighting => ''log''');
SELECT of_ratings('{1,-2}', ', positive_from => 1, weighting => ''log''');
SELECT of_ratings('{1,2}', ', positive_from => 3');
SELECT of_ratings('{3e38,3e38,3e38,-3e38}', ', feedback => ''explicit''');
SELECT drop_model('default');

-- A rating column of text is none, though its texts are numbers.
UPDATE good_ratings SET word = item_id;
SELECT train('good_ratings', ', rating_column => ''word'', feedback => ''explicit'', factors => 1');

-- No hint about a missing index where there is one on the user; a CREATE INDEX that helps where there is none.
CREATE TABLE "no Index" ("u" int, "Item" int, "select" real, "at" timestamptz);
INSERT INTO "no Index" VALUES (1, 1, 1, now());
SELECT model, version FROM train_mf('"no Index"', user_column => 'u', item_column => 'Item', rating_column => 'select', time_column => 'at', factors => 1);
SELECT model, version FROM train_mf('"no Index"', user_column => 'u', item_column => 'Item', rating_column => NULL, factors => 1);
CREATE INDEX ON public."no Index" (u) INCLUDE ("Item", "select", at);
SELECT model, version FROM train_mf('"no Index"', user_column => 'u', item_column => 'Item', rating_column => 'select', factors => 1);
SELECT drop_model('default');

-- A half-life in seconds where days were meant, which one NOTICE says; not where it is days.
CREATE TABLE aging AS SELECT u AS user_id, i AS item_id, timestamp '2026-01-01' + u * interval '1 day' AS at FROM generate_series(1, 10) AS u, generate_series(1, 3) AS i;
CREATE INDEX ON aging (user_id) INCLUDE (item_id, at);
SELECT model FROM train_mf('aging', 'aging', rating_column => NULL, factors => 1, time_column => 'at', half_life => '30');
SELECT model FROM train_mf('aging', 'aging', rating_column => NULL, factors => 1, time_column => 'at', half_life => '30 days');
SELECT drop_model('aging');
DROP TABLE aging;

-- Negative ratings count as likes, which one NOTICE says; not where they are dislikes or predicted, or where there are none.
CREATE TABLE negative (user_id int, item_id int, rating real);
CREATE INDEX ON negative (user_id);
INSERT INTO negative SELECT u, i, CASE WHEN u = i THEN -2 ELSE 1 END FROM generate_series(1, 4) AS u, generate_series(1, 3) AS i;
SELECT train('negative', ', factors => 1');
SELECT model FROM train_knn('negative');
SELECT model FROM train_ease('negative');
SELECT train('negative', ', factors => 1, positive_from => 0');
SELECT train('negative', ', factors => 1, feedback => ''explicit''');
SELECT train('negative', ', factors => 1, rating_column => NULL');
SELECT train('good_ratings', ', factors => 1');
SELECT drop_model('default');

-- What it returns.
SELECT model, version, algorithm, users, items, ratings, skipped, merged, iterations, loss > 0 AS loss, seconds > 0 AS seconds, options,
       (SELECT string_agg(k, ',' ORDER BY k) FROM jsonb_object_keys(timings) AS k) AS timings
  FROM train_mf('good_ratings', 'answer', factors => 2, regularization => 0.25, unobserved_weight => 0.5, iterations => 3, seed => 7);
SELECT model, version, algorithm, iterations, loss > 0 AS loss, options
  FROM train_mf('good_ratings', 'answer', factors => 2, feedback => 'explicit', solver => 'sgd', regularization => 0.25, learning_rate => 0.125, iterations => 4, tolerance => 0);
SELECT drop_model('answer');
SELECT model FROM personalize.models;
SELECT count(*) FROM personalize.model_block;
