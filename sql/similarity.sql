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

-- The aggregate.
SELECT cosine_sim(x, y) AS one_line FROM (VALUES (1, 2), (2, 4), (-3, -6)) AS v(x, y);
SELECT cosine_sim(x, y) IS NULL AS no_rows FROM (VALUES (1, 2)) AS v(x, y) WHERE x > 1;
SELECT cosine_sim(x, y) IS NULL AS zero FROM (VALUES (0, 2), (0, 4)) AS v(x, y);
SELECT cosine_sim(x, y) AS without_nulls
  FROM (VALUES (3, 4), (NULL, 2), (2, NULL), (NULL, NULL), (4, 3)) AS v(x, y);
SELECT g, cosine_sim(x, y) FROM (VALUES (1, 1, 0), (1, 0, 1), (2, 1, 1), (2, 2, 2), (3, NULL, 1)) AS v(g, x, y) GROUP BY g ORDER BY g;
SELECT g, cosine_sim(x, y) OVER (PARTITION BY g ORDER BY x) FROM (VALUES (1, 1, 1), (1, 2, 2), (2, 1, -1)) AS v(g, x, y);
SELECT cosine_sim(x, y) FILTER (WHERE x > 0) AS filtered FROM (VALUES (1, 1), (-5, 5)) AS v(x, y);

-- Its state is not to be forged.
SELECT personalize.cosine_sim_result('{1,2}');
SELECT personalize.cosine_sim_combine('{1,2,3}', '{1,NULL,3}');
SELECT personalize.cosine_sim_accumulate(NULL, 1, 1);
SELECT personalize.cosine_sim_accumulate(NULL, NULL, NULL);

-- In parallel, and the same answer: every sum here is a whole number.
CREATE TABLE similarity_rows AS SELECT k % 3 AS g, (k % 11 - 5)::float8 AS x, (k % 7 - 2)::float8 AS y FROM generate_series(1, 20000) AS k;
ANALYZE similarity_rows;
SELECT g, cosine_sim(x, y) AS similarity INTO similarity_serial FROM similarity_rows GROUP BY g;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET max_parallel_workers_per_gather = 2;
CREATE FUNCTION similarity_plan(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  plan json;
BEGIN
  EXECUTE 'EXPLAIN (COSTS off, FORMAT json) ' || query INTO plan;
  RETURN plan;
END $$;
SELECT similarity_plan('SELECT g, cosine_sim(x, y) FROM similarity_rows GROUP BY g') ~ '"Partial Mode": "Partial"' AS partial;
SELECT p.g, p.similarity = s.similarity AS same
  FROM (SELECT g, cosine_sim(x, y) AS similarity FROM similarity_rows GROUP BY g) AS p
  JOIN similarity_serial AS s USING (g) ORDER BY g;
RESET ALL;
