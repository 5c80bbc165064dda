-- Vectors: one exact answer each. What is no short binary fraction is rounded.
SELECT cosine_sim('{1,0}'::real[], '{1,0}'::real[]) AS same,
       cosine_sim('{1,0}'::real[], '{0,1}'::real[]) AS square,
       cosine_sim('{1,2}'::real[], '{-2,-4}'::real[]) AS opposite,
       round(cosine_sim('{1,2,3}'::real[], '{4,5,6}'::real[])::numeric, 10) AS between;
SELECT cosine_sim('{1,0}'::float8[], '{1,0}'::float8[]) AS same,
       cosine_sim('{1,0}'::float8[], '{0,1}'::float8[]) AS square,
       cosine_sim('{1,2}'::float8[], '{-2,-4}'::float8[]) AS opposite,
       round(cosine_sim('{1,2,3}'::float8[], '{4,5,6}'::float8[])::numeric, 10) AS between;
SELECT dot_sim('{1,2,3}'::real[], '{4,5,6}'::real[]) AS of_real,
       dot_sim('{1,2,3}'::float8[], '{4,5,6}'::float8[]) AS of_double,
       dot_sim('{16777217,1}'::float8[], '{1,-1}'::float8[]) AS beyond_real;
SELECT round(pearson_sim('{1,2,3}'::real[], '{2,4,6.5}'::real[])::numeric, 10) AS of_real,
       round(pearson_sim('{1,2,3}'::float8[], '{2,4,6.5}'::float8[])::numeric, 10) AS of_double,
       round(pearson_sim('{1,2,3}'::float8[], '{3,2,1}'::float8[])::numeric, 10) AS falling,
       round(pearson_sim('{1000000001,1000000002,1000000003}'::float8[], '{1,2,3}'::float8[])::numeric, 10) AS far_from_zero;

-- Longer than one step of the summation, against the sum that SQL takes.
WITH v AS (SELECT array_agg((k % 7 - 3)::real ORDER BY k) AS a, array_agg((k % 5 - 1)::real ORDER BY k) AS b,
                  sum((k % 7 - 3) * (k % 5 - 1)) AS ab
             FROM generate_series(1, 1003) AS k)
SELECT dot_sim(a, b) = ab AS real_is_exact, dot_sim(a::float8[], b::float8[]) = ab AS double_is_exact FROM v;
WITH v AS (SELECT array_agg((k % 7)::float8 ORDER BY k) AS a, array_agg((k % 5)::float8 ORDER BY k) AS b,
                  corr(k % 7, k % 5) AS correlation
             FROM generate_series(1, 1003) AS k)
SELECT abs(pearson_sim(a, b) - correlation) < 1e-12 AS as_corr FROM v;

-- No direction, no similarity.
SELECT cosine_sim('{0,0}'::real[], '{1,1}'::real[]) IS NULL AS zero_first,
       cosine_sim('{1,1}'::float8[], '{0,0}'::float8[]) IS NULL AS zero_second,
       pearson_sim('{2,2}'::real[], '{1,3}'::real[]) IS NULL AS constant_first,
       pearson_sim('{1,3}'::float8[], '{2,2}'::float8[]) IS NULL AS constant_second,
       pearson_sim('{1}'::real[], '{3}'::real[]) IS NULL AS one_element,
       dot_sim('{0,0}'::real[], '{1,1}'::real[]) AS dot_of_zero;
SELECT cosine_sim('{}'::real[], '{}'::real[]) IS NULL AS cosine, pearson_sim('{}'::float8[], '{}'::float8[]) IS NULL AS pearson,
       dot_sim('{}'::real[], '{}'::real[]) AS dot;
SELECT cosine_sim(NULL::real[], '{1}'::real[]) IS NULL AS first, dot_sim('{1}'::float8[], NULL::float8[]) IS NULL AS second,
       pearson_sim(NULL::real[], NULL::real[]) IS NULL AS both;

-- Lengths count from the first element, wherever the array begins.
SELECT dot_sim('[5:6]={1,2}'::real[], '{3,4}'::real[]) AS bounds;

-- Extremes stay right.
SELECT cosine_sim('{1e300,1e300}'::float8[], '{1e300,1e300}'::float8[]) BETWEEN 1 - 1e-15 AND 1 AS huge,
       cosine_sim('{1e-300,1e-300}'::float8[], '{1e-300,-1e-300}'::float8[]) AS tiny,
       cosine_sim('{3e38,3e38}'::real[], '{3e38,3e38}'::real[]) BETWEEN 1 - 1e-15 AND 1 AS huge_real;
SELECT cosine_sim('{NaN,1}'::float8[], '{1,1}'::float8[]) AS nan, dot_sim('{Infinity,1}'::real[], '{1,1}'::real[]) AS infinite;

-- Errors say which vector, and where.
SELECT cosine_sim('{1,NULL,3}'::real[], '{1,2,3}'::real[]);
SELECT dot_sim('{1,2,3}'::float8[], '{1,2,NULL}'::float8[]);
SELECT pearson_sim('{1,2}'::real[], '{1,2,3}'::real[]);
SELECT dot_sim('{1}'::float8[], '{}'::float8[]);
SELECT cosine_sim('{{1,2},{3,4}}'::real[], '{1,2}'::real[]);
SELECT pearson_sim('{1,2}'::float8[], '{{1,2}}'::float8[]);
\set VERBOSITY sqlstate
SELECT cosine_sim('{NULL}'::real[], '{1}'::real[]);
SELECT cosine_sim('{1,2}'::real[], '{1}'::real[]);
SELECT cosine_sim('{{1}}'::real[], '{1}'::real[]);
\set VERBOSITY default

-- Sets: elements of both by elements of one or both. Repeats count once, NULLs not at all.
SELECT jaccard_sim('{1,2,3}'::int[], '{2,3,4}'::int[]) AS ascending, jaccard_sim('{3,1,2,2}'::int[], '{4,2,3}'::int[]) AS any_order,
       jaccard_sim('{1,1,1}'::bigint[], '{1}'::bigint[]) AS repeats, jaccard_sim('{1,NULL,2}'::smallint[], '{NULL,2,NULL}'::smallint[]) AS nulls,
       jaccard_sim('{1,2}'::int[], '{3}'::int[]) AS nothing, jaccard_sim('{1,2}'::int[], '{}'::int[]) AS one_empty;
SELECT jaccard_sim('{}'::int[], '{}'::int[]) IS NULL AS empty, jaccard_sim('{NULL}'::text[], '{}'::text[]) IS NULL AS of_nulls, jaccard_sim(NULL::int[], '{1}'::int[]) IS NULL AS strict;
SELECT jaccard_sim('{a,b,c}'::text[], '{c,b,d}'::text[]) AS text, jaccard_sim('{a,b}'::varchar[], '{b}'::varchar[]) AS varchar, jaccard_sim('{"a ",b}'::char(3)[], '{a}'::char(3)[]) AS char,
       jaccard_sim('{1.0,2}'::numeric[], '{1,2.00}'::numeric[]) AS numeric, jaccard_sim('{0,NaN}'::float8[], '{-0,NaN}'::float8[]) AS float8;
SELECT jaccard_sim(ARRAY['a', 'b']::name[], ARRAY['b']::name[]) AS name, jaccard_sim(ARRAY[date '2020-01-01'], ARRAY[date '2020-01-01']) AS date,
       jaccard_sim('{00000000-0000-0000-0000-000000000001}'::uuid[], '{00000000-0000-0000-0000-000000000001,00000000-0000-0000-0000-000000000002}'::uuid[]) AS uuid,
       jaccard_sim(ARRAY['{"a": 1}'::jsonb], ARRAY['{"a": 1.0}'::jsonb]) AS jsonb, jaccard_sim(ARRAY[(1, 'a'::text), (2, 'b'::text)], ARRAY[(2, 'b'::text)]) AS row;
SELECT jaccard_sim('{1,10}'::varbit[], '{10,11,1}'::varbit[]) AS only_btree, jaccard_sim('{1,2,2}'::xid[], '{2,3}'::xid[]) AS only_hash;
SELECT jaccard_sim(ARRAY[point '(1,2)'], ARRAY[point '(1,2)']);
SELECT jaccard_sim('{{1,2}}'::int[], '{1}'::int[]);
SELECT jaccard_sim('{1}'::int[], '{{1,2}}'::int[]);
SELECT jaccard_sim('{1}'::int[], '{a}'::text[]);
-- As SQL counts them.
SELECT bool_and(jaccard_sim(a, b) IS NOT DISTINCT FROM of_sql) AS as_sql, bool_and(jaccard_sim(a::text[], b::text[]) IS NOT DISTINCT FROM of_sql) AS text_too,
       bool_and(jaccard_sim(a::bit(8)[], b::bit(8)[]) IS NOT DISTINCT FROM of_sql) AS bits_too
  FROM (SELECT array_agg(hashint4(k) & 63) FILTER (WHERE hashint4(-k) & 1 = 0) AS a, array_agg(hashint4(k + 7) & 63) FILTER (WHERE hashint4(k) & 3 = 0) AS b
          FROM generate_series(1, 3000) AS k GROUP BY k % 50) AS v,
       LATERAL (SELECT (SELECT count(*) FROM (SELECT unnest(a) INTERSECT SELECT unnest(b)) AS s)::float8
                     / nullif((SELECT count(*) FROM (SELECT unnest(a) UNION SELECT unnest(b)) AS s), 0) AS of_sql) AS w;

-- The aggregates.
SELECT cosine_sim(x, y) AS one_line FROM (VALUES (1, 2), (2, 4), (-3, -6)) AS v(x, y);
SELECT cosine_sim(x, y) IS NULL AS no_rows FROM (VALUES (1, 2)) AS v(x, y) WHERE x > 1;
SELECT cosine_sim(x, y) IS NULL AS zero FROM (VALUES (0, 2), (0, 4)) AS v(x, y);
SELECT cosine_sim(x, y) AS without_nulls
  FROM (VALUES (3, 4), (NULL, 2), (2, NULL), (NULL, NULL), (4, 3)) AS v(x, y);
SELECT g, cosine_sim(x, y) FROM (VALUES (1, 1, 0), (1, 0, 1), (2, 1, 1), (2, 2, 2), (3, NULL, 1)) AS v(g, x, y) GROUP BY g ORDER BY g;
SELECT g, cosine_sim(x, y) OVER (PARTITION BY g ORDER BY x) FROM (VALUES (1, 1, 1), (1, 2, 2), (2, 1, -1)) AS v(g, x, y);
SELECT cosine_sim(x, y) FILTER (WHERE x > 0) AS filtered FROM (VALUES (1, 1), (-5, 5)) AS v(x, y);

SELECT round(pearson_sim(x, y)::numeric, 10) AS pearson, round(corr(x, y)::numeric, 10) AS corr
  FROM (VALUES (1, 2), (2, 4), (3, 6.5), (NULL, 1), (1, NULL)) AS v(x, y);
SELECT g, round(pearson_sim(x, y)::numeric, 12) AS pearson FROM (VALUES (1, 1, 2), (1, 2, 4), (2, 1, 1), (3, 5, 1), (3, 5, 2), (4, NULL, 1)) AS v(g, x, y) GROUP BY g ORDER BY g;
SELECT pearson_sim(x, y) IS NULL AS no_rows FROM (VALUES (1, 2)) AS v(x, y) WHERE x > 1;
-- Far from zero, and beyond what squares can hold.
SELECT pearson_sim(1e15 + x, 1e15 - y) AS far_from_zero FROM (VALUES (1, 1), (2, 2), (3, 3), (4, 4)) AS v(x, y);
SELECT round(pearson_sim(1e300 * x, 1e-300 * y)::numeric, 12) AS huge_and_tiny FROM (VALUES (1, 1), (2, 2), (3, 3)) AS v(x, y);
SELECT round(cosine_sim(1e300 * x, 1e-300 * y)::numeric, 12) AS huge_and_tiny, round(cosine_sim(x, y)::numeric, 12) AS ordinary FROM (VALUES (1, 1), (2, 5), (3, -3)) AS v(x, y);
SELECT cosine_sim(x, y) AS not_finite FROM (VALUES (1, 1), (2, 'Infinity'::float8), (3, 3)) AS v(x, y);
SELECT pearson_sim(x, y) AS not_finite FROM (VALUES (1, 1), (2, 'Infinity'::float8), (3, 3)) AS v(x, y);
-- Jaccard: 2 rows of 4 where one is true; rows without, or with a NULL, do not count.
SELECT jaccard_sim(x, y) FROM (VALUES (true, true), (true, false), (true, true), (false, true), (false, false), (NULL, true), (true, NULL)) AS v(x, y);
SELECT jaccard_sim(x, y) IS NULL AS none_is_true FROM (VALUES (false, false), (NULL, true)) AS v(x, y);
SELECT g, jaccard_sim(x, y) OVER (PARTITION BY g ORDER BY k) FROM (VALUES (1, 1, true, true), (1, 2, true, false), (2, 3, false, true)) AS v(g, k, x, y);

-- Their states are not to be forged.
SELECT personalize.cosine_sim_result('{1,2}');
SELECT personalize.cosine_sim_combine('{1,2,3,4,5}', '{1,NULL,3,4,5}');
SELECT personalize.cosine_sim_accumulate(NULL, 1, 1);
SELECT personalize.cosine_sim_accumulate(NULL, NULL, NULL);
SELECT personalize.pearson_sim_result('{1,2,3}');
SELECT personalize.pearson_sim_combine('{1,2,3,4,5,6,7,8,9,10}', '{1,2,3,4,5,6,7,8,9}');
SELECT personalize.jaccard_sim_accumulate('{1,2,3}', true, true);
SELECT personalize.jaccard_sim_result('{{1,2}}');

-- In parallel, and the same answer: every sum here is a whole number, but those of pearson_sim.
CREATE TABLE similarity_rows AS SELECT k % 3 AS g, (k % 11 - 5)::float8 AS x, (k % 7 - 2)::float8 AS y FROM generate_series(1, 20000) AS k;
ANALYZE similarity_rows;
CREATE VIEW similarity_answers AS
  SELECT g, cosine_sim(x, y) AS cosine, round(pearson_sim(x + 1e9, y)::numeric, 6) AS pearson, round(corr(x, y)::numeric, 6) AS corr, jaccard_sim(x > 3, y > 0) AS jaccard,
         count(*) FILTER (WHERE x > 3 AND y > 0)::float8 / count(*) FILTER (WHERE x > 3 OR y > 0) AS counted
    FROM similarity_rows GROUP BY g;
SELECT * INTO similarity_serial FROM similarity_answers;
SELECT g, pearson = corr AS as_corr, jaccard = counted AS as_counted FROM similarity_serial ORDER BY g;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET max_parallel_workers_per_gather = 2;
SET parallel_leader_participation = off;
CREATE FUNCTION similarity_plan(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  plan json;
BEGIN
  EXECUTE 'EXPLAIN (COSTS off, FORMAT json) ' || query INTO plan;
  RETURN plan;
END $$;
SELECT similarity_plan('SELECT * FROM similarity_answers') ~ '"Partial Mode": "Partial"' AS partial;
SELECT g, p.cosine = s.cosine AS cosine, p.pearson = s.pearson AS pearson, p.jaccard = s.jaccard AS jaccard
  FROM similarity_answers AS p JOIN similarity_serial AS s USING (g) ORDER BY g;
RESET ALL;
