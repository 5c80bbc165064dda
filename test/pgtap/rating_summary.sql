-- rating_summary against plain SQL; ids, relations and rights of every kind.
SET client_min_messages = warning;
SELECT no_plan();
CREATE FUNCTION measured(source regclass, measure text, options text DEFAULT '') RETURNS float8 LANGUAGE plpgsql AS $$
DECLARE
  result float8;
BEGIN
  EXECUTE format('SELECT value FROM rating_summary(%L%s) WHERE measure = %L', source, options, measure) INTO result;
  RETURN result;
END $$;

-- Flawed ratings, and the same counted by plain SQL.
CREATE TABLE flawed AS
  SELECT CASE WHEN a % 17 > 0 THEN a % 200 END AS user_id, CASE WHEN b % 23 > 0 THEN b % 90 END AS item_id,
         (CASE WHEN c % 11 = 0 THEN NULL WHEN c % 13 = 0 THEN 'NaN' WHEN c % 101 = 0 THEN '-Infinity' ELSE (c % 50) / 4.0 - 2 END)::float8 AS rating, timestamptz '2026-01-01' + a % 1000 * interval '1 hour' AS at
    FROM (SELECT abs(hashint4(k)) AS a, abs(hashint4(k + 100000)) AS b, abs(hashint4(k + 200000)) AS c FROM generate_series(1, 10000) AS k) AS s;
CREATE VIEW finite AS SELECT rating FROM flawed WHERE rating > '-Infinity' AND rating < 'Infinity';
CREATE VIEW of_user AS SELECT count(*) AS n FROM flawed WHERE user_id IS NOT NULL GROUP BY user_id;
CREATE VIEW of_item AS SELECT count(*) AS n FROM flawed WHERE item_id IS NOT NULL GROUP BY item_id;
CREATE TABLE expected (measure text, query text);
INSERT INTO expected VALUES
  ('rows', 'count(*) FROM flawed'), ('usable_rows', 'count(*) FROM flawed WHERE num_nulls(user_id, item_id) = 0 AND rating > ''-Infinity'' AND rating < ''Infinity'''),
  ('users', 'count(DISTINCT user_id) FROM flawed'), ('items', 'count(DISTINCT item_id) FROM flawed'),
  ('density', '(SELECT count(DISTINCT (user_id, item_id)) FROM flawed WHERE num_nulls(user_id, item_id) = 0)::float8 / count(DISTINCT user_id) / count(DISTINCT item_id) FROM flawed'),
  ('repeats', 'count(*) - count(DISTINCT (user_id, item_id)) FROM flawed WHERE num_nulls(user_id, item_id) = 0'), ('null_users', 'count(*) FROM flawed WHERE user_id IS NULL'), ('null_items', 'count(*) FROM flawed WHERE item_id IS NULL'),
  ('null_ratings', 'count(*) FROM flawed WHERE rating IS NULL'), ('nan_ratings', 'count(*) FROM flawed WHERE rating = ''NaN'''), ('infinite_ratings', 'count(*) FROM flawed WHERE rating = ''-Infinity'''), ('blank_users', '0'),
  ('below_lowest', 'count(*) FROM finite WHERE rating < 1'), ('above_highest', 'count(*) FROM finite WHERE rating > 10'), ('negative_ratings', 'count(*) FROM finite WHERE rating < 0'), ('zero_ratings', 'count(*) FROM finite WHERE rating = 0'),
  ('ratings_per_user_minimum', 'min(n) FROM of_user'), ('ratings_per_user_median', 'percentile_cont(0.5) WITHIN GROUP (ORDER BY n) FROM of_user'), ('ratings_per_user_p90', 'percentile_cont(0.9) WITHIN GROUP (ORDER BY n) FROM of_user'), ('ratings_per_user_maximum', 'max(n) FROM of_user'),
  ('ratings_per_item_minimum', 'min(n) FROM of_item'), ('ratings_per_item_median', 'percentile_cont(0.5) WITHIN GROUP (ORDER BY n) FROM of_item'), ('ratings_per_item_p90', 'percentile_cont(0.9) WITHIN GROUP (ORDER BY n) FROM of_item'), ('ratings_per_item_maximum', 'max(n) FROM of_item'),
  ('share_of_users_below_5', 'avg((n < 5)::int) FROM of_user'), ('rating_minimum', 'min(rating) FROM finite'), ('rating_mean', 'avg(rating) FROM finite'), ('rating_deviation', 'stddev_pop(rating) FROM finite'), ('rating_maximum', 'max(rating) FROM finite'),
  ('rating_p01', 'percentile_cont(0.01) WITHIN GROUP (ORDER BY rating) FROM finite'), ('rating_p25', 'percentile_cont(0.25) WITHIN GROUP (ORDER BY rating) FROM finite'), ('rating_p50', 'percentile_cont(0.5) WITHIN GROUP (ORDER BY rating) FROM finite'), ('rating_p99', 'percentile_cont(0.99) WITHIN GROUP (ORDER BY rating) FROM finite'),
  ('null_times', '0'), ('first_time', 'extract(epoch FROM min(at)) FROM flawed'), ('last_time', 'extract(epoch FROM max(at)) FROM flawed'), ('time_span_days', 'extract(epoch FROM max(at) - min(at)) / 86400 FROM flawed');
CREATE FUNCTION counted(query text) RETURNS numeric LANGUAGE plpgsql AS $$
DECLARE
  result numeric;
BEGIN
  EXECUTE 'SELECT ' || query INTO result;
  RETURN round(result, 9);
END $$;
SELECT is(round(measured('flawed', measure, ', time_column => ''at'', lowest => 1, highest => 10')::numeric, 9), counted(query), measure) FROM expected;
SELECT is((SELECT count(*) FROM rating_summary('flawed') WHERE measure ~ '^rating -?[0-9]'), 0::bigint, 'no list of more than 20 values');

-- Dates go on where timestamps end.
CREATE TABLE ages AS SELECT 1 AS user_id, k AS item_id, 5 AS rating, d FROM (VALUES (1, date '4714-11-24 BC'), (2, '2026-01-01'), (3, '5874897-12-31')) AS v(k, d);
SELECT is((SELECT array_agg(detail ORDER BY measure) FROM rating_summary('ages', time_column => 'd') WHERE measure IN ('first_time', 'last_time')), ARRAY['4714-11-24 BC', '5874897-12-31'], 'the first and the last of all dates');
INSERT INTO ages VALUES (2, 1, 5, 'infinity'), (2, 2, 5, '-infinity');
SELECT is((SELECT array_agg(detail ORDER BY measure) FROM rating_summary('ages', time_column => 'd') WHERE measure IN ('first_time', 'last_time')), '{-infinity,infinity}', 'infinite ones');

-- The few values of a scale, each with its count and share.
CREATE VIEW scale AS SELECT user_id, item_id, ((coalesce(nullif(nullif(rating, 'NaN'), '-Infinity'), 0)::int) % 4 + 0.5)::numeric AS rating FROM flawed;
SELECT results_eq($$SELECT measure, value, detail FROM rating_summary('scale') WHERE measure ~ '^rating -?[0-9]'$$,
  $$SELECT 'rating ' || rating::float8, count(*)::float8, round(100.0 * count(*) / 10000, 1) || ' %' FROM scale GROUP BY rating ORDER BY rating$$, 'distribution');

-- Ids of every type count alike.
CREATE DOMAIN some_text AS text;
CREATE VIEW typed AS SELECT user_id::smallint AS a, user_id::bigint AS b, lpad(user_id::text, 32, '0')::uuid AS c, 'é ' || user_id AS d, ('x' || user_id)::varchar(9) AS e, ('x' || user_id)::some_text AS f,
  item_id::smallint AS i, lpad(item_id::text, 32, '0')::uuid AS j, repeat('名', 500) || item_id AS l, rating FROM flawed;
SELECT is(array_agg(value ORDER BY measure), (SELECT array_agg(value ORDER BY measure) FROM rating_summary('flawed') WHERE measure IN ('users', 'items', 'repeats', 'density', 'ratings_per_user_p90')), format('%s and %s', u, i))
  FROM unnest('{a,b,c,d,e,f}'::name[]) AS u, unnest('{i,j,l}'::name[]) AS i, rating_summary('typed', u, i) WHERE measure IN ('users', 'items', 'repeats', 'density', 'ratings_per_user_p90') GROUP BY u, i;

-- Usable rows and repeats are what a training reads and merges.
CREATE TABLE trainable AS SELECT * FROM flawed WHERE rating IS DISTINCT FROM '-Infinity';
SELECT ratings + merged AS read, skipped, merged FROM train_mf('trainable', factors => 1, iterations => 1) \gset trained_
SELECT is(measured('trainable', 'usable_rows'), :trained_read::float8, 'usable rows are what a training reads');
SELECT is(measured('trainable', 'rows') - measured('trainable', 'usable_rows'), :trained_skipped::float8, 'the others what it skips');
CREATE VIEW usable AS SELECT * FROM trainable WHERE rating <> 'NaN';
SELECT is(measured('usable', 'repeats'), :trained_merged::float8, 'and repeats what it merges');

-- Blank customers as text, and their cancellations.
CREATE TABLE invoices (customer text NOT NULL, stock text, quantity int);
CREATE INDEX ON invoices (customer);
INSERT INTO invoices VALUES ('12', 'a', 5), ('', 'a', 2), ('  ', 'b', 2), ('12', 'a', -5), ('13', E'\n', 1);
CREATE VIEW orders AS SELECT customer AS user_id, stock AS item_id, quantity AS rating FROM invoices;
SELECT is((measured('orders', 'blank_users'), measured('orders', 'blank_items'), measured('orders', 'negative_ratings'), measured('orders', 'users')), (2::float8, 1::float8, 1::float8, 4::float8), 'blank ids are counted, and are ids');
SELECT is((SELECT array_agg(value) FROM rating_summary('orders') WHERE measure = 'warning' AND detail ~ 'cancellations|Blank'), '{2,1,1}'::float8[], 'and warned of');

-- Every kind of relation.
CREATE TABLE parted (user_id int, item_id int, rating int) PARTITION BY HASH (user_id);
CREATE TABLE parted_0 PARTITION OF parted FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE parted_1 PARTITION OF parted FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO parted SELECT k, k, 1 FROM generate_series(1, 100) AS k;
SELECT is((SELECT count(*) FROM rating_summary('parted') WHERE detail ~ 'CREATE INDEX ON public.parted \(user_id\) INCLUDE \(item_id, rating\);$'), 1::bigint, 'a partitioned table without an index');
CREATE INDEX ON parted (user_id);
SELECT is((SELECT count(*) FROM rating_summary('parted') WHERE detail ~ 'INDEX'), 0::bigint, 'and with one');
CREATE MATERIALIZED VIEW copied AS SELECT * FROM parted;
CREATE TEMP TABLE passing AS SELECT * FROM parted;
CREATE TABLE "o'no; DROP TABLE parted; --" ("a"", b" int, gone int, "FROM" text, "Rating $1" numeric, twice numeric GENERATED ALWAYS AS ("Rating $1" * 2) STORED);
ALTER TABLE "o'no; DROP TABLE parted; --" DROP COLUMN gone;
INSERT INTO "o'no; DROP TABLE parted; --" SELECT * FROM parted;
SELECT is(measured(r::regclass, 'users', o), 100::float8, r) FROM (VALUES ('parted', ''), ('copied', ''), ('passing', ''), ('"o''no; DROP TABLE parted; --"', ', ''a", b'', ''FROM'', ''twice''')) AS v(r, o);
SELECT is(measured('"o''no; DROP TABLE parted; --"', 'rating_mean', ', ''a", b'', ''FROM'', ''twice'''), 2::float8, 'a generated column');
SELECT throws_like($$SELECT rating_summary('"o''no; DROP TABLE parted; --"', 'gone', 'FROM', 'twice')$$, '% has no column "gone"', 'a dropped column');
SELECT lives_ok(substring(detail FROM 'CREATE INDEX.*;'), 'the index of the warning can be made') FROM rating_summary('"o''no; DROP TABLE parted; --"', 'a", b', 'FROM', 'Rating $1') WHERE detail ~ 'INDEX';
SELECT is((SELECT count(*) FROM rating_summary('"o''no; DROP TABLE parted; --"', 'a", b', 'FROM', 'Rating $1') WHERE detail ~ 'INDEX'), 0::bigint, 'and answers it');
CREATE VIEW failing AS SELECT k AS user_id, k AS item_id, 1 / (k - 5) AS rating FROM generate_series(1, 10) AS k;
SELECT throws_ok($$SELECT rating_summary('failing')$$, '22012', 'division by zero', 'an error of a view is passed on');

-- Rights.
SELECT 's_' || substr(md5(current_database() || pg_backend_pid()), 1, 8) AS reader \gset
CREATE ROLE :"reader";
CREATE TABLE secured (user_id int, item_id int, rating int, at date, owner name);
INSERT INTO secured SELECT k, 1, k, '2026-01-01', CASE WHEN k <= 3 THEN :'reader' ELSE 'postgres' END FROM generate_series(1, 10) AS k;
GRANT EXECUTE ON FUNCTION measured TO PUBLIC;
SET ROLE :"reader";
SELECT throws_ok($$SELECT rating_summary('secured')$$, '42501', 'permission denied for table secured', 'nothing without SELECT');
RESET ROLE;
GRANT SELECT (user_id, item_id) ON secured TO :"reader";
SET ROLE :"reader";
SELECT throws_ok($$SELECT rating_summary('secured')$$, '42501', 'permission denied for table secured', 'nor with rights on some of the columns');
SELECT is(measured('secured', 'rows', ', rating_column => NULL'), 10::float8, 'rights on the columns that are read are enough');
SELECT throws_ok($$SELECT rating_summary('secured', rating_column => NULL, time_column => 'at')$$, '42501', 'permission denied for table secured', 'the times need them, too');
RESET ROLE;
GRANT SELECT ON secured TO :"reader";
ALTER TABLE secured ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON secured USING (owner = current_user);
SET ROLE :"reader";
SELECT is((measured('secured', 'rows'), measured('secured', 'users'), measured('secured', 'rating_maximum')), (3::float8, 3::float8, 3::float8), 'only rows that the caller sees are counted');
RESET ROLE;
DROP OWNED BY :"reader";
DROP ROLE :"reader";

-- Memory, cancelling, read-only transactions, snapshots.
CREATE TABLE large AS SELECT k % 100000 AS user_id, k % 777 AS item_id, random() AS rating FROM generate_series(1, 1000000) AS k;
SET personalize.max_memory = '8MB';
SELECT throws_like($$SELECT rating_summary('large')$$, 'the % would need % MB of memory, and the limit is 8 MB', 'memory is claimed');
RESET personalize.max_memory;
CREATE FUNCTION cancelled(statement text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE statement;
  RETURN false;
EXCEPTION WHEN query_canceled THEN
  RETURN true;
END $$;
SET statement_timeout = 100;
SELECT ok(cancelled('SELECT rating_summary(''large'')'), 'cancelled');
RESET statement_timeout;
BEGIN READ ONLY;
SELECT is(measured('large', 'rows'), 1000000::float8, 'read only');
ROLLBACK;
BEGIN;
DELETE FROM large;
SELECT is(measured('large', 'rows'), 0::float8, 'what this transaction did is seen');
ROLLBACK;
SELECT is((SELECT count(*) FROM (SELECT (rating_summary('parted')).*) AS s WHERE measure = 'rows'), 1::bigint, 'a set in a SELECT list');
SELECT is((SELECT sum(value) FROM (VALUES ('parted'), ('copied')) AS v(r), LATERAL rating_summary(r::regclass) WHERE measure = 'rows'), 200::float8, 'LATERAL');
-- Numbers beyond float8 are counted, too.
CREATE TABLE beyond_double (user_id int, item_id int, rating numeric);
INSERT INTO beyond_double VALUES (1, 1, 1e400), (1, 2, -1e400), (1, 3, 1e-400), (1, 4, 'NaN'), (1, 5, 'Infinity'), (1, 6, 2.5), (1, 7, NULL);
SELECT results_eq($$SELECT measure, value FROM rating_summary('beyond_double') WHERE measure IN ('infinite_ratings', 'nan_ratings', 'null_ratings', 'zero_ratings', 'rating_maximum')$$,
  $$VALUES ('null_ratings', 1::float8), ('nan_ratings', 1), ('infinite_ratings', 3), ('zero_ratings', 1), ('rating_maximum', 2.5)$$, 'numbers beyond float8 are counted');
SELECT is((SELECT (missing, maximum)::text FROM describe_features('beyond_double', '{rating}')), '(2,Infinity)', 'and described');
SELECT * FROM finish();
