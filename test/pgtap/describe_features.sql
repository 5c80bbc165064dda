-- describe_features against plain SQL; relations and rights of every kind.
SET client_min_messages = warning;
SELECT no_plan();

CREATE TABLE made AS
  SELECT k, CASE WHEN h % 10 = 0 THEN NULL WHEN h % 10 = 1 THEN 'NaN' ELSE h % 1000 / 7.0 END::float8 AS double, (h % 100)::real / 3 AS single, (h % 50)::smallint AS small,
         CASE WHEN h % 3 > 0 THEN (h % 1000 / 7.0)::numeric ^ 3 END AS exact, h % 2 = 0 AS flag, (h % 5000) * 1000000000000 AS big,
         CASE WHEN h % 20 = 0 THEN repeat(' ', h % 5) ELSE 'word ' || h % 99 END AS word, md5((h % 77)::text)::uuid AS id
    FROM (SELECT k, abs(hashint4(k)) AS h FROM generate_series(1, 3000) AS k) AS s;
-- The same by plain SQL.
CREATE FUNCTION described(number text, OUT row_count bigint, OUT missing bigint, OUT distinct_values bigint, OUT mean float8, OUT deviation float8, OUT minimum float8, OUT q1 float8, OUT median float8, OUT q3 float8,
  OUT maximum float8, OUT outliers bigint) LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('WITH v AS (SELECT nullif(%s::float8, ''NaN'') AS x FROM made),
      a AS (SELECT count(*), count(*) - count(x), count(DISTINCT x), avg(x), stddev_pop(x), min(x), percentile_cont(.25) WITHIN GROUP (ORDER BY x) AS q1, percentile_cont(.5) WITHIN GROUP (ORDER BY x),
                   percentile_cont(.75) WITHIN GROUP (ORDER BY x) AS q3, max(x) FROM v)
    SELECT *, (SELECT count(*) FROM v, a WHERE x < q1 - 1.5 * (q3 - q1) OR x > q3 + 1.5 * (q3 - q1)) FROM a', number) INTO row_count, missing, distinct_values, mean, deviation, minimum, q1, median, q3, maximum, outliers;
END $$;
CREATE FUNCTION rounded(numbers float8[]) RETURNS numeric[] LANGUAGE sql AS $$ SELECT array_agg(CASE WHEN n = 0 THEN 0 ELSE round(n::numeric, 9 - floor(log(abs(n)))::int) END ORDER BY k) FROM unnest(numbers) WITH ORDINALITY AS u(n, k) $$;
CREATE TABLE compared AS SELECT d.column_name, ROW(d.row_count, d.missing, d.distinct_values, d.outliers)::text AS counts, ROW(e.row_count, e.missing, e.distinct_values, e.outliers)::text AS counts_expected,
    rounded(ARRAY[d.mean, d.deviation, d.minimum, d.q1, d.median, d.q3, d.maximum]) AS numbers, rounded(ARRAY[e.mean, e.deviation, e.minimum, e.q1, e.median, e.q3, e.maximum]) AS numbers_expected
  FROM describe_features('made', '{double,single,small,exact,flag,big,k}') AS d, described(CASE column_name WHEN 'flag' THEN 'flag::int' ELSE column_name END) AS e;
SELECT is(counts, counts_expected, 'counts of ' || column_name) FROM compared;
SELECT is(numbers, numbers_expected, 'numbers of ' || column_name) FROM compared;
SELECT is((d.missing, d.distinct_values, d.mean), ((SELECT count(*) FROM made WHERE btrim(word) = ''), (SELECT count(DISTINCT word) FROM made WHERE btrim(word) <> ''), NULL::float8), 'texts') FROM describe_features('made', '{word}') AS d;
SELECT is((d.missing, d.distinct_values, d.mean), (0::bigint, 77::bigint, NULL::float8), 'uuids') FROM describe_features('made', '{id}') AS d;

-- Types without an equality, with one of hashes only, and made of others.
CREATE TYPE color AS ENUM ('red', 'green', '');
CREATE TYPE with_json AS (a json);
CREATE DOMAIN documents AS json;
CREATE TABLE odd (a json, b point, c with_json, d json[], e documents, f xid, g color, h int4range, i bytea, j interval, k bit(3), l name, m "char", n money, o oid, p int[], q text[]);
INSERT INTO odd DEFAULT VALUES;
INSERT INTO odd VALUES ('1', '(1,1)', ROW('1'), '{1}', '1', '7', 'red', '[1,2)', '', '1 day', '101', 'n', 'x', 5, 7, '{1}', '{a}'), ('1', '(1,1)', ROW('1'), '{1}', '1', '7', '', '[1,2)', '', '1 day', '101', '', ' ', 5, 7, '{1}', '{""}');
SELECT is(string_agg(column_name || coalesce(distinct_values::text, '-') || missing, ' ' ORDER BY k), 'a-1 b-1 c-1 d-1 e-1 f11 g21 h11 i11 j11 k11 l12 m21 n11 o11 p11 q21', 'distinct and missing values of odd types')
  FROM describe_features('odd') WITH ORDINALITY AS d(column_name, type, row_count, missing, distinct_values, mean, deviation, minimum, q1, median, q3, maximum, outliers, k);
SELECT is((SELECT array_agg(type ORDER BY column_name) FROM describe_features('odd', '{c,d,e,k}')), '{with_json,json[],documents,bit(3)}', 'types as they are declared');

-- Views that answer as they like.
CREATE VIEW whimsical AS SELECT CASE WHEN random() < 0.5 THEN 'NaN' WHEN random() < 0.5 THEN NULL ELSE random() END AS x FROM generate_series(1, 1000);
SELECT is((SELECT row_count FROM describe_features('whimsical')), 1000::bigint, 'a view that never says the same');
CREATE VIEW failing AS SELECT 1 / (k - 500) AS x FROM generate_series(1, 1000) AS k;
SELECT throws_ok($$SELECT describe_features('failing')$$, '22012', 'division by zero', 'an error of a view is passed on');

-- Names are names.
CREATE TABLE "o'no; DROP TABLE made; --" ("x"", y FROM made; --" int, "s" int, "FROM" text);
INSERT INTO "o'no; DROP TABLE made; --" VALUES (1, 2, 'a'), (3, 2, '');
SELECT is((SELECT string_agg(column_name || ' ' || distinct_values, ',') FROM describe_features('"o''no; DROP TABLE made; --"')), 'x", y FROM made; -- 2,s 1,FROM 1', 'names that need quotes');
SELECT format('CREATE TABLE wide AS SELECT %s', string_agg(k || ' AS c' || k, ', ')) FROM generate_series(1, 1500) AS k \gexec
SELECT is((SELECT sum(mean) FROM describe_features('wide')), 1125750::float8, '1500 columns');

-- Someone else's operators and functions in the way are not used.
CREATE SCHEMA trap;
CREATE FUNCTION trap.wrong(float8, float8) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RAISE 'trapped'; END $$;
CREATE OPERATOR trap.< (FUNCTION = trap.wrong, LEFTARG = float8, RIGHTARG = float8);
CREATE FUNCTION trap.count(text) RETURNS bigint LANGUAGE plpgsql AS $$ BEGIN RAISE 'trapped'; END $$;
CREATE FUNCTION trap.btrim(text, text) RETURNS text LANGUAGE plpgsql AS $$ BEGIN RAISE 'trapped'; END $$;
SET search_path = trap, public, pg_catalog;
SELECT lives_ok($$SELECT describe_features('made')$$, 'a search path with traps');
SELECT lives_ok($$SELECT rating_summary('made', 'id', 'word', 'double')$$, 'nor by rating_summary');
RESET search_path;

-- Rights.
SELECT 'd_' || substr(md5(current_database() || pg_backend_pid()), 1, 8) AS reader \gset
CREATE ROLE :"reader";
CREATE TABLE guarded (open int, secret int, owner name);
INSERT INTO guarded SELECT k, k, CASE WHEN k <= 3 THEN :'reader' ELSE 'postgres' END FROM generate_series(1, 10) AS k;
SET ROLE :"reader";
SELECT throws_ok($$SELECT describe_features('guarded')$$, '42501', 'permission denied for table guarded', 'nothing without SELECT');
SELECT throws_ok($$SELECT describe_features('guarded', '{open}')$$, '42501', 'permission denied for table guarded', 'nor of one column');
RESET ROLE;
GRANT SELECT (open) ON guarded TO :"reader";
SET ROLE :"reader";
SELECT is((SELECT row_count FROM describe_features('guarded', '{open}')), 10::bigint, 'rights on a column are enough for it');
SELECT throws_ok($$SELECT describe_features('guarded', '{open,secret}')$$, '42501', 'permission denied for table guarded', 'and for no other');
RESET ROLE;
GRANT SELECT ON guarded TO :"reader";
ALTER TABLE guarded ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON guarded USING (owner = current_user);
SET ROLE :"reader";
SELECT is((SELECT (row_count, maximum) FROM describe_features('guarded', '{secret}')), (3::bigint, 3::float8), 'only rows that the caller sees');
RESET ROLE;
DROP OWNED BY :"reader";
DROP ROLE :"reader";

-- Memory, cancelling, read-only transactions.
CREATE TABLE large AS SELECT random() AS x FROM generate_series(1, 1000000);
SET personalize.max_memory = '1MB';
SELECT throws_like($$SELECT describe_features('large')$$, 'the values of a column would need 8 MB of memory, and the limit is 1 MB', 'memory is claimed');
RESET personalize.max_memory;
CREATE FUNCTION cancelled(statement text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE statement;
  RETURN false;
EXCEPTION WHEN query_canceled THEN
  RETURN true;
END $$;
SET statement_timeout = 100;
SELECT ok(cancelled('SELECT describe_features(''large'')'), 'cancelled');
RESET statement_timeout;
BEGIN READ ONLY;
SELECT is((SELECT row_count FROM describe_features('large')), 1000000::bigint, 'read only');
ROLLBACK;
SELECT is((SELECT count(*) FROM (SELECT (describe_features('made')).*) AS s), 9::bigint, 'a set in a SELECT list');
SELECT is((SELECT sum(row_count) FROM (VALUES ('made'), ('odd')) AS v(r), LATERAL describe_features(r::regclass, '{k}')), 3003::numeric, 'LATERAL');
SELECT * FROM finish();
