-- Input that nobody expects: a right answer or a clear error, in every function, and never a crash.
SET client_min_messages = warning;
SET personalize.threads = 1;
SET jit = off;  -- two billion rows are expected where two billion are asked for
SELECT no_plan();
CREATE FUNCTION answer(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  result text;
BEGIN
  EXECUTE statement INTO result;
  RETURN result;
EXCEPTION WHEN OTHERS THEN
  RETURN SQLSTATE || ': ' || SQLERRM;
END $$;
-- Every serving call for a model; only clear errors, no NaN.
CREATE FUNCTION serve(model text, id text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  call text;
  result text;
BEGIN
  FOREACH call IN ARRAY ARRAY['recommend_for(%1$s::text, 5, %2$s)', 'recommend_for(%1$s::text, 2147483647, %2$s, false)', 'recommend_for(NULL, 5, %2$s)', 'recommend_for(%1$s::text, 5, %2$s, candidates => ARRAY[%1$s::text, NULL])',
      'similar_items(%1$s::text, 5, %2$s)', 'similar_users(%1$s::text, 5, %2$s)', 'popular_items(5, %2$s, NULL::text)', 'recommend_all(5, %2$s, NULL::text, NULL::text)'] LOOP
    result := answer('SELECT bool_and(score BETWEEN -1e30 AND 1e30) FROM ' || format(call, quote_literal(id), quote_literal(model)));
    IF result = 'false' OR result ~ ':' THEN
      RETURN format(call, quote_literal(id), quote_literal(model)) || ' ' || result;
    END IF;
  END LOOP;
  result := answer(format('SELECT predict_rating(%1$L::text, %1$L::text, %2$L) BETWEEN -1e30 AND 1e30', id, model));
  IF result = 'false' OR result ~ ':' THEN
    RETURN 'predict_rating ' || result;
  END IF;
  RETURN 'well';
END $$;
CREATE FUNCTION train_and_serve(source text, options text DEFAULT '', id text DEFAULT '1') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  trained text := answer('SELECT format(''%s users, %s items, %s ratings'', users, items, ratings) FROM train_mf(' || quote_literal(source) || ', ''weird'', iterations => 3' || options || ')');
BEGIN
  IF trained ~ ':' THEN
    RETURN trained;
  END IF;
  RETURN trained || ', ' || serve('weird', id);
END $$;

CREATE TABLE ratings (user_id bigint, item_id bigint, rating float8);
CREATE INDEX ON ratings (user_id);
CREATE FUNCTION try(rows text, options text DEFAULT '') RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  TRUNCATE ratings;
  EXECUTE 'INSERT INTO ratings ' || rows;
  RETURN train_and_serve('ratings', options);
END $$;
CREATE TABLE solvers (options text);
INSERT INTO solvers VALUES (''), (', weighting => ''log'''), (', positive_from => 1'), (', factors => 1'), (', feedback => ''explicit'''), (', feedback => ''explicit'', solver => ''sgd''');

-- Few and uniform ratings, for every kind of training.
SELECT is(try('VALUES (1, 1, 1)', options), '1 users, 1 items, 1 ratings, well', 'one row' || options) FROM solvers;
SELECT is(try('SELECT 1, i, 1 + i % 3 FROM generate_series(1, 30) AS i', options), '1 users, 30 items, 30 ratings, well', 'one user' || options) FROM solvers;
SELECT is(try('SELECT u, 1, 1 + u % 3 FROM generate_series(1, 30) AS u', options), '30 users, 1 items, 30 ratings, well', 'one item' || options) FROM solvers;
SELECT is(try('SELECT u, i, 3 FROM generate_series(1, 9) AS u, generate_series(1, 7) AS i', options), '9 users, 7 items, 63 ratings, well', 'all ratings equal, everything rated' || options) FROM solvers;
SELECT is(try('SELECT k, k, 2 FROM generate_series(1, 20) AS k', options), '20 users, 20 items, 20 ratings, well', 'everyone an item of their own' || options) FROM solvers;
SELECT is(try('SELECT 1, 1, 2 FROM generate_series(1, 5000)', options), '1 users, 1 items, 1 ratings, well', 'one pair, 5000 times' || options) FROM solvers;
SELECT is(try('SELECT u, i, 1e-30 FROM generate_series(1, 5) AS u, generate_series(1, 4) AS i WHERE (u + i) % 2 = 0', options) ~ '^5 users, 4 items, 10 ratings, well|^22023: no rating reaches', true, 'tiny ratings' || options) FROM solvers;
SELECT is(try('SELECT u, i, 1e15 * (1 + (u * i) % 3) FROM generate_series(1, 5) AS u, generate_series(1, 4) AS i WHERE (u + i) % 2 = 0', options) ~ '^5 users, 4 items, 10 ratings, well|^22023: ', true, 'huge ratings' || options) FROM solvers;
SELECT is(try('SELECT u, i, 3e38 * (1 - (u + i) % 4) / 3 FROM generate_series(1, 6) AS u, generate_series(1, 6) AS i', options) ~ '^6 users, 6 items, 36 ratings, well|^22023: ', true, 'ratings at the ends of their range' || options) FROM solvers;
SELECT is(try('SELECT u, i, 0 FROM generate_series(1, 4) AS u, generate_series(1, 4) AS i', options) ~ '^4 users, 4 items, 16 ratings, well|^22023: (weighting|no rating)', true, 'ratings of zero' || options) FROM solvers;
SELECT is(try('SELECT u, i, -1 FROM generate_series(1, 4) AS u, generate_series(1, 4) AS i', options) ~ '^4 users, 4 items, 16 ratings, well|^22023: (weighting|no rating)', true, 'negative ratings' || options) FROM solvers;
SELECT is(try('VALUES (-9223372036854775808, 9223372036854775807, 1), (9223372036854775807, -9223372036854775808, 2), (1, 1, 3)', options), '3 users, 3 items, 3 ratings, well', 'ids at the ends' || options) FROM solvers;
SELECT is(try('VALUES (1, 1, 1)', ', factors => 1024' || options), '1 users, 1 items, 1 ratings, well', 'many more factors than data' || options) FROM solvers WHERE options !~ 'factors';
SELECT is(try('SELECT u, i, 1 FROM generate_series(1, 9) AS u, generate_series(1, 7) AS i WHERE (u * i) % 3 = 0', ', regularization => 1e9' || options) ~ '^9 users, 7 items, 33 ratings, well|^22023: gradient descent diverged', true, 'regularized away' || options) FROM solvers;
SELECT is(try('SELECT u, i, 1 FROM generate_series(1, 9) AS u, generate_series(1, 7) AS i WHERE (u * i) % 3 = 0', ', regularization => 1e-9' || options), '9 users, 7 items, 33 ratings, well', 'hardly regularized' || options) FROM solvers;
SELECT is(try('SELECT u, i, 1 FROM generate_series(1, 9) AS u, generate_series(1, 7) AS i WHERE (u * i) % 3 = 0', ', unobserved_weight => ' || w), '9 users, 7 items, 33 ratings, well', 'unobserved_weight ' || w) FROM unnest('{1e-9,1,1e9}'::text[]) AS w;
SELECT is(try('SELECT u, i, 5 - (u * i) % 5 FROM generate_series(1, 9) AS u, generate_series(1, 7) AS i', ', feedback => ''explicit'', solver => ''sgd'', learning_rate => 1') ~ '^9 users, 7 items, 63 ratings, well|^22023: ', true, 'a learning rate that diverges');

-- Nothing to train on.
SELECT is(try('SELECT 1, 1, 1 WHERE false'), '22023: public.ratings has no rating to use: 0 rows read, 0 skipped', 'an empty table');
SELECT is(try('SELECT NULL, NULL, NULL FROM generate_series(1, 10)'), '22023: public.ratings has no rating to use: 10 rows read, 10 skipped', 'all NULL');
SELECT is(try('VALUES (NULL, 1, 1), (1, NULL, 1), (1, 1, NULL), (1, 1, ''NaN'')'), '22023: public.ratings has no rating to use: 4 rows read, 4 skipped', 'a NULL in each row');
SELECT is(try('VALUES (1, 1, ''Infinity''::float8)'), '22023: the rating of user 1 for item 1 is Infinity', 'infinity');
SELECT is(try('VALUES (1, 1, 1), (1, 1, ''-Infinity''::float8)'), '22023: the rating of user 1 for item 1 is -Infinity', 'minus infinity');
SELECT is(try('VALUES (NULL::bigint, 1, ''Infinity''::float8), (1, 1, 1)'), '1 users, 1 items, 1 ratings, well', 'infinity in a row that is skipped anyway');
CREATE VIEW nothing AS SELECT user_id, item_id, rating FROM ratings WHERE false;
SELECT is(train_and_serve('nothing'), '22023: public.nothing has no rating to use: 0 rows read, 0 skipped', 'a view over nothing');
CREATE VIEW failing AS SELECT user_id, item_id, 1 / (item_id - 1) AS rating FROM ratings;
SELECT is(train_and_serve('failing'), '22012: division by zero', 'a view that fails');
CREATE MATERIALIZED VIEW unpopulated AS SELECT user_id, item_id, rating FROM ratings WITH NO DATA;
SELECT is(train_and_serve('unpopulated'), '55000: materialized view "unpopulated" has not been populated', 'a materialized view without data');
CREATE TABLE parted (user_id int, item_id int, rating int) PARTITION BY LIST (user_id);
SELECT is(train_and_serve('parted'), '22023: public.parted has no rating to use: 0 rows read, 0 skipped', 'a partitioned table without partitions');
CREATE FUNCTION dropping() RETURNS int LANGUAGE plpgsql AS $$ BEGIN DROP TABLE ratings CASCADE; RETURN 1; END $$;
CREATE VIEW suicidal AS SELECT user_id, item_id, dropping() AS rating FROM ratings;
SELECT is(train_and_serve('suicidal') ~ '^55006: cannot DROP TABLE "ratings" because it is being used', true, 'a source that drops itself');
CREATE FUNCTION training() RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN (train_mf('ratings', 'inner', iterations => 1, factors => 1)).version; END $$;
CREATE VIEW recursive AS SELECT user_id, item_id, training() AS rating FROM ratings;
SELECT is(train_and_serve('recursive'), '1 users, 1 items, 1 ratings, well', 'a source that trains while it is read');
CREATE VIEW asking AS SELECT r.user_id, r.item_id, (SELECT count(*) FROM recommend_for(r.user_id, 3, 'inner')) AS rating FROM ratings AS r;
SELECT is(train_and_serve('asking'), '1 users, 1 items, 1 ratings, well', 'a source that recommends');
CREATE FUNCTION swapping(id bigint) RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
  IF current_setting('test.swap', true) = 'now' THEN
    PERFORM set_config('test.swap', '', false);
    ALTER VIEW swapped RENAME TO swapped_before;
    CREATE VIEW swapped AS SELECT user_id, item_id, rating, 1 AS at FROM ratings;
    PERFORM recommend_for(1, 3, 'swapped');
  END IF;
  RETURN id;
END $$;
CREATE VIEW swapped AS SELECT user_id, swapping(item_id) AS item_id, rating, now() AS at FROM ratings;
SELECT is(answer($$SELECT users FROM train_mf('swapped', 'swapped', time_column => 'at', factors => 1)$$), '1', 'a source that is a view');
SELECT is(answer($$SELECT reason FROM recommend_for(1, 3, 'swapped', false)$$), 'personal', 'read by a kept plan');
SET test.swap = 'now';
SELECT is(answer($$SELECT reason FROM recommend_for(1, 3, 'swapped', false)$$), 'personal', 'swapped, with another type of time, and read again while it is read');
SELECT is(to_regclass('swapped_before') IS NOT NULL, true, 'so it was');
SELECT is(train_and_serve('personalize.model') ~ '^42703', true, 'the store itself');

-- Columns used twice, generated, hidden, of the system.
CREATE TABLE same (id int, rating int);
INSERT INTO same SELECT k, 1 FROM generate_series(1, 5) AS k;
SELECT is(train_and_serve('same', ', user_column => ''id'', item_column => ''id'''), '22023: user_column and item_column are both "id"', 'user and item in one column');
SELECT is(train_and_serve('same', ', user_column => ''rating'', item_column => ''id'', rating_column => ''id'''), '1 users, 5 items, 5 ratings, well', 'item and rating in one column');
CREATE TABLE generated (user_id int, item_id int GENERATED ALWAYS AS (user_id * 2) STORED, rating int GENERATED ALWAYS AS (user_id + 1) STORED);
INSERT INTO generated SELECT k FROM generate_series(1, 5) AS k;
SELECT is(train_and_serve('generated'), '5 users, 5 items, 5 ratings, well', 'generated columns');
SELECT format('CREATE TABLE wide AS SELECT 1 AS user_id, 1 AS item_id, 1 AS rating, %s', string_agg(k || ' AS c' || k, ', ')) FROM generate_series(1, 1500) AS k \gexec
SELECT is(train_and_serve('wide', ', item_column => ''c1500'''), '1 users, 1 items, 1 ratings, well', 'the last of 1503 columns');
SELECT is(train_and_serve('wide', ', item_column => ''nothing'''), '42703: relation public.wide has no column "nothing"', 'and none of them');
CREATE TABLE "ratings""with $1 and ' and \ " ("user id" int, "item""id" int, "Rating" int);
INSERT INTO "ratings""with $1 and ' and \ " VALUES (1, 1, 1);
SELECT is(train_and_serve('"ratings""with $1 and '' and \ "', ', user_column => ''user id'', item_column => ''item"id'', rating_column => ''Rating'''), '1 users, 1 items, 1 ratings, well', 'names that need quotes');
CREATE TABLE names (user_id int, item_id int, rating int);
INSERT INTO names VALUES (1, 1, 1);
DO $$ BEGIN EXECUTE format('ALTER TABLE names RENAME TO %I', repeat('é', 31)); END $$;
SELECT is(train_and_serve(repeat('é', 31)), '1 users, 1 items, 1 ratings, well', 'a name as long as can be');

-- Texts: long, of any letters, and what looks like something else.
CREATE TABLE texts (user_id text, item_id text, rating int);
INSERT INTO texts SELECT u, i, 1 FROM unnest(ARRAY['1', '', ' ', repeat('u', 10000), repeat('名', 3400), '👩‍👩‍👧', E'\u0001', E'a\tb\nc', 'NULL', '$1', '%s', '\', '"']) AS u, unnest(ARRAY['1', '', repeat('i', 10000), repeat('物', 3400), '%n%s%d', 'i']) AS i;
SELECT is(train_and_serve('texts'), '13 users, 6 items, 78 ratings, well', 'texts of 10 kB and of any letters');
SELECT is(serve('weird', user_id), 'well', 'served: ' || left(translate(user_id, E'\n\t\u0001', '   '), 20)) FROM (SELECT DISTINCT user_id FROM texts) AS t ORDER BY user_id COLLATE "C";
SELECT is(serve('weird', repeat('名', 1000000)), 'well', 'an id of 3 MB that nobody has');
INSERT INTO texts VALUES ('long', repeat('L', 3000000), 1);
SELECT is(train_and_serve('texts', '', 'long'), '14 users, 7 items, 79 ratings, well', 'an id of 3 MB');
SELECT is((SELECT max(length(item_id)) FROM recommend_for('1'::text, 10, 'weird')), 3000000, 'comes back whole');
INSERT INTO texts VALUES ('long', 'infinite', 1);
ALTER TABLE texts ALTER rating TYPE float8;
UPDATE texts SET rating = 'Infinity' WHERE length(item_id) = 3000000;
SELECT cmp_ok(length(answer('SELECT train_mf(''texts'', ''weird'')')), '<', 1100, 'an error about it is not as long');
SELECT is(left(answer('SELECT recommend_for(repeat(''9'', 1000000), 5, ''integers'')'), 5), '42704', 'a model that there is not');
SELECT is(try('VALUES (1, 1, 1)'), '1 users, 1 items, 1 ratings, well', 'numbers again');
SELECT cmp_ok(length(answer('SELECT recommend_for(repeat(''9'', 1000000), 5, ''weird'')')), '<', 1100, 'a number of a million digits');
SELECT is(left(answer('SELECT recommend_for(repeat(''名'', 5000), 5, ''weird'')'), 5), '22P02', 'an error cut off within a letter is still a text');

-- Every argument of every serving function NULL, or out of range.
SELECT is(try('SELECT u, i, 1 FROM generate_series(1, 5) AS u, generate_series(1, 5) AS i WHERE (u + i) % 2 = 0'), '5 users, 5 items, 13 ratings, well', 'a model to ask');
SELECT is(answer('SELECT count(*) FROM ' || call), result, call) FROM (VALUES
  ('recommend_for(NULL::bigint, 2, ''weird'')', '2'), ('recommend_for(1, NULL, ''weird'')', '22004: n must not be NULL'), ('recommend_for(1, 2, NULL)', '22004: model must not be NULL'),
  ('recommend_for(1, 2, ''weird'', NULL::boolean)', '22004: exclude_seen must not be NULL'), ('recommend_for(1, -2147483648, ''weird'')', '22023: n is -2147483648'), ('recommend_for(1, 2147483647, ''weird'')', '2'),
  ('recommend_for(NULL::bigint, NULL, NULL::text, NULL, NULL)', '22004: n must not be NULL'),
  ('similar_items(NULL::bigint, 2, ''weird'')', '0'), ('similar_items(1, NULL, ''weird'')', '22004: n must not be NULL'), ('similar_items(1, 2, NULL)', '22004: model must not be NULL'), ('similar_items(1, -1, ''weird'')', '22023: n is -1'), ('similar_items(1, 0, ''weird'')', '0'),
  ('similar_items(1, 2147483647, ''weird'')', '4'), ('similar_items(77, 5, ''weird'')', '0'),
  ('similar_users(NULL::bigint, 2, ''weird'')', '0'), ('similar_users(1, NULL, ''weird'')', '22004: n must not be NULL'), ('similar_users(1, 2, NULL)', '22004: model must not be NULL'), ('similar_users(1, -1, ''weird'')', '22023: n is -1'), ('similar_users(1, 0, ''weird'')', '0'),
  ('similar_users(1, 2147483647, ''weird'')', '4'), ('similar_users(77, 5, ''weird'')', '0'),
  ('popular_items(NULL, ''weird'')', '22004: n must not be NULL'), ('popular_items(2, NULL)', '22004: model must not be NULL'), ('popular_items(-1, ''weird'')', '22023: n is -1'), ('popular_items(0, ''weird'')', '0'), ('popular_items(2147483647, ''weird'')', '5'),
  ('recommend_all(NULL, ''weird'')', '22004: n must not be NULL'), ('recommend_all(2, NULL)', '22004: model must not be NULL'), ('recommend_all(-1, ''weird'')', '22023: n is -1'), ('recommend_all(0, ''weird'')', '0'), ('recommend_all(2147483647, ''weird'')', '12'),
  ('user_factors(NULL)', '22004: model must not be NULL'), ('item_factors(NULL)', '22004: model must not be NULL'), ('user_factors('''')', '42704: model "" does not exist'),
  ('predict_rating(1, 1, NULL)', '22004: model must not be NULL'), ('predict_rating(1, 1, '''')', '42704: model "" does not exist')) AS c(call, result);
SELECT is(answer('SELECT predict_rating(' || arguments || ', ''weird'') IS NULL'), 'true', 'predict_rating(' || arguments || ') is NULL')
  FROM unnest('{"NULL::bigint, 1","1, NULL::bigint","NULL::bigint, NULL::bigint","77, 1","1, 77","NULL, NULL"}'::text[]) AS arguments;

-- Functions called in ways they are not meant for.
SELECT is(answer('SELECT count(*) FROM (SELECT (recommend_for(1, 2, ''weird'')).*) AS r'), '2', 'a set in a SELECT list');
SELECT is(answer('SELECT count(*) FROM ROWS FROM (recommend_for(1, 2, ''weird''), popular_items(3, ''weird'')) AS r'), '3', 'ROWS FROM');
SELECT is(answer('SELECT count(*) FROM generate_series(1, 3) AS n, LATERAL recommend_for(1, n, ''weird'')'), '5', 'arguments from another table');
SELECT is(answer('SELECT CASE WHEN false THEN recommend_for(1, 2, ''weird'') END'), '0A000: set-returning functions are not allowed in CASE', 'not where no set may be');

-- Settings.
SELECT is(answer('SET personalize.threads = 0'), '22023: 0 is outside the valid range for parameter "personalize.threads" (1 .. 256)', 'threads 0');
SELECT is(answer('SET personalize.threads = 257'), '22023: 257 is outside the valid range for parameter "personalize.threads" (1 .. 256)', 'threads 257');
SELECT is(answer('SET personalize.max_memory = ''1kB''') ~ '^22023', true, 'max_memory too little');
SELECT is(answer('SET personalize.keep_versions = 0') ~ '^22023', true, 'keep_versions 0');
SELECT is(answer('SET personalize.no_such = 0') ~ '^42602', true, 'a setting that there is not');
SET personalize.threads = 256;
SELECT is(try('SELECT u, i, 1 FROM generate_series(1, 50) AS u, generate_series(1, 20) AS i WHERE (u * i) % 3 = 0'), '50 users, 20 items, 524 ratings, well', '256 threads');

SELECT * FROM finish();
