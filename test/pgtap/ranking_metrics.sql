-- precision_at and its sisters against their definitions in SQL, for arrays of every kind.
SET client_min_messages = warning;
SELECT no_plan();

-- Lists with repeats and NULLs, and sets with repeats and NULLs, some of them empty.
CREATE FUNCTION draw(key text, below int) RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT ('x' || substr(md5(key), 1, 7))::bit(28)::int % below $$;
CREATE TABLE lists AS
  SELECT n, 1 + draw('k' || n, 15) AS k,
         (SELECT array_agg(nullif(draw(n || ' ' || r, 28), 27 - r % 2) ORDER BY r) FROM generate_series(1, draw('recommended' || n, 20)) AS r) AS recommended,
         (SELECT array_agg(nullif(draw(r || ' ' || n, 28), 27 - r % 2) ORDER BY r) FROM generate_series(1, draw('relevant' || n, 12)) AS r) AS relevant
    FROM generate_series(1, 1000) AS n;
UPDATE lists SET recommended = '{}' WHERE recommended IS NULL AND n % 2 = 0;
UPDATE lists SET relevant = '{}' WHERE relevant IS NULL AND n % 2 = 0;
SELECT ok(count(DISTINCT recommended) > 900 AND count(*) FILTER (WHERE recommended IS NULL) > 0 AND count(*) FILTER (WHERE relevant IS NULL) > 0, 'lists of many kinds') FROM lists;

-- The ranks of the hits and the number of relevant items, by joins.
CREATE TABLE hits AS
  SELECT n, k, rank FROM lists, LATERAL (SELECT min(r) AS rank, item FROM unnest(recommended) WITH ORDINALITY AS u(item, r) GROUP BY item) AS first
   WHERE rank <= k AND item = ANY (relevant);
CREATE TABLE defined AS
  SELECT n, k, relevant, h, h / k::float8 AS precision_at, h / relevant::float8 AS recall_at, h / least(k, relevant)::float8 AS capped,
         CASE WHEN h = 0 THEN 0 ELSE 2 / (k / h::float8 + relevant / h::float8) END AS f1_at,
         dcg / (SELECT sum(ln(2) / ln(r + 1)) FROM generate_series(1, least(k, relevant)) AS r) AS ndcg_at,
         precisions / least(k, relevant) AS average_precision_at, coalesce(1 / first::float8, 0) AS reciprocal_rank, (h > 0)::int::float8 AS hit_rate_at
    FROM (SELECT n, k, (SELECT count(DISTINCT item) FROM unnest(relevant) AS item) AS relevant FROM lists) AS l,
         LATERAL (SELECT count(*) AS h, coalesce(sum(ln(2) / ln(rank + 1)), 0) AS dcg, min(rank) AS first,
                         coalesce(sum((SELECT count(*) FROM hits AS e WHERE e.n = l.n AND e.rank <= hits.rank) / rank::float8), 0) AS precisions
                    FROM hits WHERE hits.n = l.n) AS of_list
   WHERE relevant > 0;
SELECT ok(count(*) > 800 AND count(DISTINCT h) > 5, 'hits of many kinds') FROM defined;

CREATE FUNCTION disagreements(type text, written text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  result bigint;
BEGIN
  EXECUTE format($query$
    SELECT count(*) FROM (SELECT n, k, (SELECT array_agg(%2$s ORDER BY r) FROM unnest(recommended) WITH ORDINALITY AS u(x, r))::%1$s[] AS a,
                                 (SELECT array_agg(%2$s ORDER BY r) FROM unnest(relevant) WITH ORDINALITY AS u(x, r))::%1$s[] AS b FROM lists) AS l
      LEFT JOIN defined AS d USING (n, k)
     WHERE NOT (CASE WHEN d.n IS NULL THEN
         coalesce(precision_at(a, b, k), recall_at(a, b, k), recall_at(a, b, k, true), f1_at(a, b, k), ndcg_at(a, b, k), average_precision_at(a, b, k), reciprocal_rank(a, b, k), hit_rate_at(a, b, k)) IS NULL
       ELSE greatest(abs(precision_at(a, b, k) - d.precision_at), abs(recall_at(a, b, k) - d.recall_at), abs(recall_at(a, b, k, true) - d.capped), abs(f1_at(a, b, k) - d.f1_at), abs(ndcg_at(a, b, k) - d.ndcg_at),
         abs(average_precision_at(a, b, k) - d.average_precision_at), abs(reciprocal_rank(a, b, k) - d.reciprocal_rank), abs(hit_rate_at(a, b, k) - d.hit_rate_at)) < 1e-12 END)$query$, type, written) INTO result;
  RETURN result;
END $$;
CREATE DOMAIN some_id AS bigint;
CREATE DOMAIN some_text AS varchar(40);
DO $$ BEGIN EXECUTE (SELECT format('CREATE TYPE letter AS ENUM (%s)', string_agg(quote_literal('letter ' || (k * 9) % 28), ', ')) FROM generate_series(0, 27) AS k); END $$;
CREATE TYPE pair AS (a int, b text);
SELECT is(disagreements(type, written), 0::bigint, 'as defined, for ' || type) FROM (VALUES
  ('smallint', 'x'), ('integer', 'x'), ('bigint', 'x::bigint * 1000000007'), ('some_id', 'x'), ('float8', 'x'), ('numeric', 'x / 7.0'),
  ('uuid', 'md5(x::text)::uuid'), ('text', '''item '' || x'), ('text', 'repeat(x::text, 500)'), ('varchar', 'x::text'), ('char(5)', 'x::text'), ('some_text', '''é'' || x'), ('name', 'x::text'),
  ('bytea', 'x::text::bytea'), ('date', 'date ''2026-01-01'' + x'), ('timestamptz', 'timestamptz ''2026-01-01 00:00Z'' + x * interval ''1 hour'''), ('interval', 'x * interval ''1 hour'''),
  ('letter', '(''letter '' || x)::letter'), ('pair', 'CASE WHEN x IS NOT NULL THEN ROW(x % 5, ''b'' || x)::pair END'), ('int4range', 'CASE WHEN x IS NOT NULL THEN int4range(x, x + 3) END'), ('jsonb', 'to_jsonb(x)')) AS t(type, written);


-- One array stored compressed, out of line, and with another lower bound.
CREATE TABLE stored (a text[], b text[]);
ALTER TABLE stored ALTER a SET STORAGE EXTERNAL;
INSERT INTO stored SELECT array_agg('item ' || k ORDER BY k), array_agg('item ' || k * 2 ORDER BY md5(k::text)) FROM generate_series(1, 10000) AS k;
SELECT is((SELECT array[precision_at(a, b, 10), recall_at(a, b, 10000), hit_rate_at(a, b, 1), reciprocal_rank(a, b, 5)] FROM stored), '{.5,.5,0,.5}', 'arrays that are stored out of line');
SELECT is((SELECT precision_at(a[6:], b, 10) FROM stored), .5::float8, 'a slice');
CREATE FUNCTION expanded() RETURNS float8 LANGUAGE plpgsql AS $$
DECLARE
  a int[] := '{}';
BEGIN
  FOR k IN 1..10 LOOP a := a || k; END LOOP;
  a[3] := 77;
  RETURN recall_at(a, '{1,3,77}', 10);
END $$;
SELECT is(expanded(), 2 / 3::float8, 'an array as plpgsql holds it');

-- A comparison that contradicts itself or fails gives some number or its own error, no crash.
CREATE TYPE odd;
CREATE FUNCTION odd_in(cstring) RETURNS odd LANGUAGE internal IMMUTABLE STRICT AS 'int4in';
CREATE FUNCTION odd_out(odd) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'int4out';
CREATE TYPE odd (INPUT = odd_in, OUTPUT = odd_out, LIKE = int4);
CREATE FUNCTION odd_true(odd, odd) RETURNS boolean LANGUAGE sql AS 'SELECT true';
CREATE FUNCTION odd_cmp(odd, odd) RETURNS int LANGUAGE plpgsql AS $$
BEGIN
  IF $1::text = '13' OR $2::text = '13' THEN RAISE 'unlucky'; END IF;
  RETURN (random() * 2)::int - 1;
END $$;
CREATE OPERATOR < (LEFTARG = odd, RIGHTARG = odd, FUNCTION = odd_true);
CREATE OPERATOR <= (LEFTARG = odd, RIGHTARG = odd, FUNCTION = odd_true);
CREATE OPERATOR = (LEFTARG = odd, RIGHTARG = odd, FUNCTION = odd_true);
CREATE OPERATOR >= (LEFTARG = odd, RIGHTARG = odd, FUNCTION = odd_true);
CREATE OPERATOR > (LEFTARG = odd, RIGHTARG = odd, FUNCTION = odd_true);
CREATE OPERATOR CLASS odd_order DEFAULT FOR TYPE odd USING btree AS OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >, FUNCTION 1 odd_cmp(odd, odd);
SELECT ok(ndcg_at(array_agg(k::text::odd), array_agg(k::text::odd), 500) >= 0, 'a comparison at random') FROM generate_series(100, 1000) AS k;
SELECT throws_ok($$SELECT ndcg_at(array_agg(k::text::odd), array_agg(k::text::odd), 50) FROM generate_series(1, 50) AS k$$, 'P0001', 'unlucky', 'a comparison that fails');

-- Everyone may, in any schema path and read-only; cancel works within one call.
SELECT 'm_' || substr(md5(current_database() || pg_backend_pid()), 1, 8) AS role \gset
CREATE ROLE :"role";
SET ROLE :"role";
SET search_path = '';
BEGIN READ ONLY;
SELECT public.recall_at('{1,2}'::int[], '{2,3}'::int[], 2) AS recall \gset
COMMIT;
RESET search_path;
SELECT is(:recall, .5, 'without rights, without a path, read-only');
RESET ROLE;
DROP ROLE :"role";
CREATE TABLE long AS SELECT array_agg(md5(k::text)) AS a FROM generate_series(1, 1000000) AS k;
CREATE FUNCTION cancelled(query text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE query;
  RETURN 'done';
EXCEPTION WHEN query_canceled THEN
  RETURN SQLERRM;
END $$;
SET statement_timeout = '100ms';
SELECT is(cancelled('SELECT recall_at(a, a, 1000000) FROM long'), 'canceling statement due to statement timeout', 'a long call is cancelled');
RESET statement_timeout;

SELECT * FROM finish();
