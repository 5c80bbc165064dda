-- jaccard_sim of any type against plain SQL, pearson_sim against corr, and what they refuse.
SET client_min_messages = warning;
SELECT no_plan();
\i test/include/try.sql

CREATE TABLE numbers AS
  SELECT g, coalesce(array_agg(hashint4(k) & 255) FILTER (WHERE hashint4(-k) & 1 = 0), '{}') AS a, coalesce(array_agg(nullif(hashint4(k + 7) & 255, 0)) FILTER (WHERE hashint4(k) & 3 > 0), '{}') AS b
    FROM generate_series(1, 200) AS g, LATERAL generate_series(g * g, g * g + g) AS k GROUP BY g;
CREATE FUNCTION of_sql(a anyarray, b anyarray) RETURNS float8 LANGUAGE sql AS $$
  SELECT count(*) FILTER (WHERE sides = 2)::float8 / nullif(count(*), 0)
    FROM (SELECT count(*) AS sides FROM (SELECT DISTINCT x, 1 AS side FROM unnest(a) AS x UNION ALL SELECT DISTINCT x, 2 FROM unnest(b) AS x) AS s WHERE x IS NOT NULL GROUP BY x) AS t $$;
CREATE FUNCTION differ(type text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  result bigint;
BEGIN
  EXECUTE format('SELECT count(*) FROM (SELECT a::text[]::%1$s[] AS a, b::text[]::%1$s[] AS b FROM numbers) AS n WHERE jaccard_sim(a, b) IS DISTINCT FROM of_sql(a, b) OR jaccard_sim(b, a) IS DISTINCT FROM of_sql(a, b)', type) INTO result;
  RETURN result;
END $$;
-- smallint, int and bigint by value, bit by order, the others by hash
SELECT is(differ(type), 0::bigint, type) FROM unnest('{smallint,int,bigint,text,varchar,name,numeric,real,float8,oid,jsonb}'::text[]) AS type;
SELECT is((SELECT count(*) FROM (SELECT a::bit(9)[] AS a, b::bit(9)[] AS b FROM numbers) AS n WHERE jaccard_sim(a, b) IS DISTINCT FROM of_sql(a, b)), 0::bigint, 'bit');
SELECT cmp_ok((SELECT count(DISTINCT jaccard_sim(a, b)) FROM numbers), '>', 50::bigint, 'of many values');
SELECT is((SELECT jaccard_sim(array_agg(k), array_agg(k + 300000)) FROM generate_series(1, 600000) AS k), 1 / 3::float8, 'large ascending sets');
SELECT is((SELECT jaccard_sim(array_agg(k ORDER BY -k), array_agg(k + 300000 ORDER BY k)) FROM generate_series(1, 600000) AS k), 1 / 3::float8, 'in any order');
SELECT is((SELECT jaccard_sim(array_agg(k::text), array_agg((k + 30000)::text)) FROM generate_series(1, 60000) AS k), 1 / 3::float8, 'of texts');
-- All elements are one: no more than a pass.
SELECT is((SELECT jaccard_sim(array_agg('same'::text), array_agg('same'::text)) FROM generate_series(1, 300000)), 1::float8, 'one value, many times');
SELECT is(jaccard_sim('{1,2}'::int[], '{2}'::bigint[]), .5::float8, 'int and bigint');
SELECT is(jaccard_sim('{a,b}'::varchar[], '{b}'::text[]), .5::float8, 'varchar and text');
SELECT matches(try('SELECT jaccard_sim(''{1}''::int[], ''{a}''::text[])'), '^42883: function jaccard_sim\(integer\[\], text\[\]\) does not exist', 'int and text: no common type');
SELECT matches(try('SELECT jaccard_sim(''{1,2}'', ''{2}'')'), '^42725: .* is not unique', 'untyped: arrays or columns?');
SELECT is(jaccard_sim('[5:6]={1,2}'::int[], '{2}'::int[]), .5::float8, 'arrays may begin anywhere');

-- Types of people, and a collation that takes different texts for equal.
CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');
SELECT is(jaccard_sim('{sad,ok}'::mood[], '{ok,happy,ok}'::mood[]), 1 / 3::float8, 'enum');
CREATE TYPE pair AS (x int, y text);
SELECT is(jaccard_sim(ARRAY[(1, 'a'), (2, 'b')]::pair[], ARRAY[(2, 'b')]::pair[]), .5::float8, 'rows');
CREATE DOMAIN tag AS text CHECK (value <> '');
SELECT is(jaccard_sim('{a,b}'::tag[], '{b}'::tag[]), .5::float8, 'domain');
CREATE COLLATION careless (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
SELECT is(try('SELECT 1 / (jaccard_sim(a COLLATE careless, ''{x}'' COLLATE careless) = 1)::int FROM (SELECT ''{X,x}''::text[] AS a) AS s'), 'done', 'the collation says what is equal');

-- What does not fit into the limit is refused.
SET personalize.max_memory = '1MB';
SELECT matches(try('SELECT jaccard_sim(array_agg(k ORDER BY -k), ''{1}'') FROM generate_series(1, 300000) AS k'), '^53400: the elements of a set would need \d+ MB of memory, and the limit is 1 MB', 'numbers to be sorted');
SELECT matches(try('SELECT jaccard_sim(array_agg(k::text), ''{1}'') FROM generate_series(1, 100000) AS k'), '^53400: the elements of two sets would need \d+ MB of memory', 'values to be hashed');
SELECT is(try('SELECT jaccard_sim(array_agg(k ORDER BY k), ''{1}'') FROM generate_series(1, 300000) AS k'), 'done', 'ascending numbers take nothing');
RESET personalize.max_memory;
SELECT matches(try('SELECT jaccard_sim(''{"(1,2)"}''::point[], ''{"(1,2)"}''::point[])'), '^42883: items of type point cannot be compared \(.*\)$', 'a type without equality');
SELECT matches(try('SELECT jaccard_sim(''{{1}}''::int[], ''{1}''::int[])'), '^2202E: the first set has 2 dimensions', 'two dimensions');

-- Pearson's correlation beside corr, in windows and by groups.
CREATE TABLE points AS SELECT k, k % 9 AS g, hashint4(k)::float8 AS x, hashint4(k) / 2.0 + hashint4(-k) AS y FROM generate_series(1, 5000) AS k;
-- Vectors of any type of numbers, and of two types.
CREATE FUNCTION of_vectors(f text, a text, b text) RETURNS text LANGUAGE sql AS $$ SELECT try(format('SELECT 1 / (abs(%s(%s, %s) - %1$s(''{1,2,4}''::float8[], ''{1,3,2}''::float8[])) < 1e-6)::int', f, a, b)) $$;
SELECT is(of_vectors(f, format('''{1,2,4}''::%s[]', a), format('''{1,3,2}''::%s[]', b)), 'done', f || ' of ' || a || ' and ' || b)
  FROM unnest('{cosine_sim,pearson_sim,dot_sim}'::text[]) AS f, unnest('{smallint,int,bigint,numeric,real,float8}'::text[]) AS a, unnest('{smallint,int,bigint,numeric,real,float8}'::text[]) AS b;
SELECT is(cosine_sim(ARRAY[3, 4], ARRAY[4.0, 3]), .96::float8, 'as they are written');
CREATE DOMAIN stars AS real;
SELECT is(dot_sim(ARRAY[3, 4]::stars[], ARRAY[4, 3]::stars[]), 24::float8, 'of a domain');
SELECT is(dot_sim('{9007199254740993}'::bigint[], '{1}'::bigint[]), 9007199254740992::float8, 'bigint is rounded to float8');
SELECT matches(try('SELECT cosine_sim(''{a}''::text[], ''{b}''::text[])'), '^42804: vectors of type text\[\] hold no numbers \(Give arrays of numbers', 'texts are no vectors');
SELECT matches(try('SELECT dot_sim(ARRAY[1e400], ARRAY[1])'), '^22003: ', 'a number beyond float8');
SELECT matches(try('SELECT cosine_sim(ARRAY[1, NULL], ARRAY[1, 2])'), '^22004: element 2 of the first vector is NULL', 'NULL in a vector of integers');
SELECT matches(try('SELECT cosine_sim(ARRAY[1, 2], ARRAY[1])'), '^2202E: the first vector has 2 elements and the second 1', 'of two lengths');
SELECT is((SELECT count(*) FROM (SELECT pearson_sim(x, y) AS p, corr(x, y) AS c FROM points GROUP BY g) AS s WHERE abs(p - c) > 1e-12), 0::bigint, 'pearson_sim is corr');
SELECT is((SELECT count(*) FROM (SELECT pearson_sim(1e12 + x / 1e9, y) AS p, corr(x, y) AS c FROM points GROUP BY g) AS s WHERE abs(p - c) > 1e-4), 0::bigint, 'also far from zero');
SELECT is((SELECT count(*) FROM (SELECT pearson_sim(x, y) OVER w AS p, corr(x, y) OVER w AS c FROM points WINDOW w AS (ORDER BY k ROWS 20 PRECEDING)) AS s WHERE abs(p - c) > 1e-10 OR (p IS NULL) <> (c IS NULL)), 0::bigint, 'in a moving window');
SELECT is((SELECT count(*) FROM (SELECT jaccard_sim(x > 0, y > 0) OVER w AS j, count(*) FILTER (WHERE x > 0 AND y > 0) OVER w / nullif(count(*) FILTER (WHERE x > 0 OR y > 0) OVER w, 0)::float8 AS c
  FROM points WINDOW w AS (ORDER BY k ROWS 20 PRECEDING)) AS s WHERE j IS DISTINCT FROM c), 0::bigint, 'jaccard_sim too');
SELECT is(try('SELECT personalize.pearson_sim_result(''{NaN,0,0,0,0,0,0,0,0,0}'')'), 'done', 'a made-up state does no harm');
SELECT is(try('SELECT personalize.pearson_sim_accumulate(''{-1,-1,NaN,1e308,1e308,Infinity,0,1,5,1}'', 1e308, -1e-320)'), 'done', 'nor does another');
SELECT * FROM finish();
