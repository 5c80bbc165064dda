-- Segments: rights on their models and tables, versions within a transaction, any order of rows and number of threads.
SET client_min_messages = warning;
SELECT no_plan();
SELECT 's_' || substr(md5(current_database() || pg_backend_pid()), 1, 8) AS r \gset
SELECT :'r' || '_trainer' AS trainer, :'r' || '_reader' AS reader \gset
CREATE ROLE :"trainer";
CREATE ROLE :"reader";
GRANT CREATE, USAGE ON SCHEMA public TO :"trainer";

CREATE TABLE customer (id int PRIMARY KEY, spend float8, visits float8, secret text);
INSERT INTO customer SELECT k, (k % 4) * 100 + k % 7, (k % 4) * 3 + k % 5, 'x' FROM generate_series(1, 400) AS k;
ALTER TABLE customer OWNER TO :"trainer";
CREATE TABLE calls (call text);
INSERT INTO calls VALUES ('assign_segment(''mine'', ''{1,2}'')'), ('segment_of(1, ''mine'')'), ('segment_quality(''mine'')'),
  ('segment_profile(''mine'')'), ('segment_means(''mine'')'), ('segment_drift(''mine'')');
GRANT SELECT ON calls TO PUBLIC;

-- A model is its owner's, and of those whom they grant it to.
SET ROLE :"reader";
SELECT throws_ok($$SELECT train_kmeans('customer', '{spend,visits}', 4)$$, '42501', 'permission denied for table customer', 'no training without SELECT');
SELECT throws_ok($$SELECT train_dbscan('customer', '{spend,visits}', 1)$$, '42501', 'permission denied for table customer', 'nor by DBSCAN');
SELECT throws_ok($$SELECT * FROM segment_neighbors('customer', '{spend,visits}')$$, '42501', 'permission denied for table customer', 'nor distances');
SET ROLE :"trainer";
SELECT is((SELECT segments FROM train_kmeans('customer', '{spend,visits}', 4, 'mine', key_column => 'id')), 4, 'the owner of the table trains');
SELECT is(segment_of(5, 'mine'), assign_segment('mine', '{105,3}'), 'and asks');
SET ROLE :"reader";
SELECT throws_ok('SELECT * FROM ' || call, '42501', 'permission denied for model "mine"', 'without the model: ' || call) FROM calls;
SELECT throws_ok($$SELECT train_kmeans('calls', '{call}', 1, 'mine')$$, '42501', 'permission denied for model "mine"', 'another''s model is not trained over');
SET ROLE :"trainer";
SELECT lives_ok(format('SELECT grant_model(''mine'', %L)', :'reader'), 'grant_model');
SET ROLE :"reader";
SELECT lives_ok('SELECT * FROM ' || call, 'granted: ' || call) FROM calls WHERE call !~ 'segment_of|drift';
SELECT throws_ok($$SELECT segment_of(1, 'mine')$$, '42501', 'permission denied for table customer', 'the table is read as the caller');
SELECT throws_ok($$SELECT * FROM segment_drift('mine')$$, '42501', 'permission denied for table customer', 'by segment_drift, too');
RESET ROLE;
GRANT SELECT (id, spend, visits) ON customer TO :"reader";
SET ROLE :"reader";
SELECT is(segment_of(5, 'mine'), assign_segment('mine', '{105,3}'), 'rights on the columns are enough');
RESET ROLE;

-- Row-level security decides which rows are divided, found and counted.
ALTER TABLE customer ENABLE ROW LEVEL SECURITY;
CREATE POLICY first_ones ON customer TO :"reader" USING (id <= 100);
SET ROLE :"reader";
SELECT is((SELECT row_count FROM train_kmeans('customer', '{spend,visits}', 2, 'theirs')), 100::bigint, 'the rows that one may see');
SELECT is(segment_of(101, 'mine'), NULL, 'others are not there');
SELECT is((SELECT now FROM segment_drift('mine') WHERE kind = 'rows' AND name IS NULL), 100::float8, 'nor counted');
RESET ROLE;

-- A superuser does not run what another role put into a view.
SELECT throws_ok($$SELECT segment_of(1, 'mine')$$, '42P01', 'the source of model "mine" cannot be read: public.customer', 'a superuser does not read the source of another');
SELECT lives_ok($$SELECT assign_segment('mine', '{1,2}')$$, 'but assigns');

-- A version is seen in the transaction that trains it, and gone with it.
SELECT is((SELECT version FROM train_kmeans('customer', '{spend,visits}', 2, 'ours', key_column => 'id')), 1, 'version 1');
BEGIN;
SELECT is((SELECT version FROM train_dbscan('customer', '{spend,visits}', 0.5, 4, 'ours', key_column => 'id')), 2, 'version 2, of another kind');
SELECT is((SELECT count(*) FROM personalize.models WHERE model = 'ours' AND active AND algorithm = 'dbscan'), 1::bigint, 'is active');
SELECT is((SELECT noise IS NOT NULL FROM segment_quality('ours')), true, 'and asked');
ROLLBACK;
SELECT is((SELECT algorithm FROM personalize.models WHERE model = 'ours'), 'kmeans', 'rolled back');
SELECT is((SELECT count(DISTINCT segment_of(id, 'ours')) FROM customer), 2::bigint, 'with its answers');
SELECT is((SELECT string_agg(DISTINCT at_training::text || now::text, '') FROM segment_drift('ours') WHERE kind = 'segment' AND at_training <> now), NULL, 'rows of the training are where they were');

-- What is asked for is there wherever k-means stops, and where more segments than that differ in nothing.
SELECT is((SELECT segments FROM train_kmeans('customer', '{spend,visits}', 100, 'many', max_iterations => 1, restarts => 1)), 100, 'stopped at once');
SELECT is((SELECT segments FROM train_kmeans('customer', '{spend,visits}', 100, 'many', tolerance => 1, restarts => 1)), 100, 'by its tolerance');

-- The same division for any order of rows and number of threads.
CREATE TABLE points AS SELECT k, ARRAY[(hashint4(k) % 1000)::float8, (hashint4(k + 7) % 1000)::float8, k % 3] AS f FROM generate_series(1, 5000) AS k;
CREATE FUNCTION divisions() RETURNS text LANGUAGE sql AS $$
  SELECT md5(string_agg(a::text || coalesce(b::text, '-') || coalesce(c::text, '-'), '' ORDER BY k)) FROM (
    SELECT k, kmeans_segment(f, 6, 'zscore', 3) OVER () AS a, dbscan_segment(f, 20, 3) OVER () AS b, dbscan_segment(f, 0.02, 3, 'robust') OVER () AS c FROM points) AS s $$;
SET personalize.threads = 1;
SELECT divisions() AS one \gset
SET personalize.threads = 3;
SELECT is(divisions(), :'one', 'threads');
CREATE TABLE other AS SELECT * FROM points ORDER BY md5(k::text);
DROP TABLE points;
ALTER TABLE other RENAME TO points;
SELECT is(divisions(), :'one', 'order of rows');
SELECT is((SELECT count(*) FROM (SELECT kmeans_segment(f, 6) OVER (PARTITION BY k % 50) FROM points) AS s), 5000::bigint, 'many partitions');

-- Text keys, uuid keys, a view as source, odd names.
CREATE VIEW "odd ""view" AS SELECT k::text AS "the ""key", f[1] AS "a ""b", f[2] AS "select" FROM points;
SELECT is((SELECT segments FROM train_kmeans('"odd ""view"', '{"a \"b",select}', 3, 'odd', key_column => 'the "key')), 3, 'odd names');
SELECT is((SELECT count(segment_of("the ""key", 'odd')) FROM "odd ""view" LIMIT 1), 5000::bigint, 'text keys');
CREATE TABLE guids AS SELECT md5(k::text)::uuid AS id, f[1] AS x FROM points LIMIT 10;
SELECT is((SELECT segments FROM train_kmeans('guids', '{x}', 2, 'guids', key_column => 'id')), 2, 'uuid keys');
SELECT is((SELECT count(segment_of(id, 'guids')) FROM guids), 10::bigint, 'are found');

-- A table that changes while a statement asks: it is looked up again.
CREATE TABLE moving (id int PRIMARY KEY, x float8, y float8);
INSERT INTO moving SELECT k, k % 2, 1 - k % 2 FROM generate_series(1, 10) AS k;
SELECT is((SELECT segments FROM train_kmeans('moving', '{x}', 2, 'moving', key_column => 'id')), 2, 'a table that will change');
CREATE FUNCTION at_two(key int, commands text) RETURNS int LANGUAGE plpgsql AS $$ BEGIN IF key = 2 THEN EXECUTE commands; END IF; RETURN 1; END $$;
CREATE FUNCTION ask_thrice(commands text) RETURNS text LANGUAGE sql AS
  $$ SELECT string_agg((segment_of(at_two(k, commands), 'moving') = assign_segment('moving', '{1}'))::text, ' ' ORDER BY k) FROM generate_series(1, 3) AS k $$;
SELECT is(ask_thrice('SELECT 1'), 'true true true', 'nothing changes');
SELECT is(ask_thrice('ALTER TABLE moving RENAME x TO z; ALTER TABLE moving RENAME y TO x'), 'true false false', 'another column is called so');
SELECT is(ask_thrice('ALTER TABLE moving RENAME TO gone; CREATE VIEW moving AS SELECT id, z AS x, x AS z FROM gone'), 'false true true', 'a view in its place');
SELECT throws_ok($$SELECT ask_thrice('ALTER VIEW moving RENAME x TO w')$$, '42703', 'relation public.moving has no column "x"', 'renamed columns are named');
SELECT throws_ok($$SELECT ask_thrice('DROP VIEW moving')$$, '42P01', 'the source of model "moving" cannot be read: public.moving', 'as is a table that goes');
SELECT throws_ok($$SELECT ask_thrice('DROP VIEW moving; CREATE VIEW moving AS SELECT id, z::text AS x FROM gone')$$, '42804', NULL, 'and another type');

-- Prepared statements and PL/pgSQL follow a retraining.
CREATE FUNCTION ask() RETURNS integer LANGUAGE plpgsql AS $$ BEGIN RETURN assign_segment('ours', '{303,9}'); END $$;
PREPARE ask AS SELECT assign_segment('ours', '{303,9}');
SELECT ask() AS before \gset
EXECUTE ask;
SELECT segments FROM train_kmeans('customer', '{spend,visits}', 1, 'ours') \gset now_
SELECT is(ask(), 1, 'PL/pgSQL');
EXECUTE ask \gset then_
SELECT is(:then_assign_segment, 1, 'a prepared statement');

SELECT drop_model(model) FROM personalize.models WHERE active;
DROP OWNED BY :"trainer", :"reader";
DROP ROLE :"trainer", :"reader";
SELECT * FROM finish();
