-- The aggregates rmse and mae. Errors 1, -1, 2 and 0.
SELECT rmse(p, a) AS rmse, sqrt(1.5::float8) AS expected, mae(p, a) FROM (VALUES (4, 3), (2, 3), (5, 3), (1, 1)) AS v(p, a);
SELECT rmse(p, a), mae(p, a) FROM (VALUES (3.5, 3), (NULL, 100), (100, NULL), (NULL, NULL), (3.5::real, 4)) AS v(p, a);
SELECT rmse(p, a) IS NULL AS rmse, mae(p, a) IS NULL AS mae FROM (VALUES (1, 2)) AS v(p, a) WHERE p > 1;
SELECT rmse(p, a) IS NULL AS rmse, mae(p, a) IS NULL AS mae FROM (VALUES (NULL::int, 2)) AS v(p, a);
SELECT g, rmse(p, a), mae(p, a) FROM (VALUES (1, 1, 0), (1, 0, 7), (2, 1, 1), (3, NULL, 1)) AS v(g, p, a) GROUP BY g ORDER BY g;
SELECT g, rmse(p, a) OVER w, mae(p, a) OVER w FROM (VALUES (1, 1, 0), (1, 2, 9), (2, 1, -1)) AS v(g, p, a) WINDOW w AS (PARTITION BY g ORDER BY p);
SELECT mae(p, a) FILTER (WHERE p > 0) AS filtered FROM (VALUES (1, 3), (-5, 50)) AS v(p, a);

-- Extremes neither overflow nor vanish.
SELECT p, rmse(p, 0), mae(p, 0) FROM (VALUES (4.94065645841247e-324::float8), (1e-300), (1e300), (1.7976931348623157e308)) AS v(p) GROUP BY p ORDER BY p;
SELECT rmse(p, a), mae(p, a) FROM (VALUES (1e308::float8, -1e308::float8), (1, 1), (1, 1), (1, 1)) AS v(p, a);
SELECT round((rmse(p, a) * 1e300)::numeric, 10) AS rmse, round((mae(p, a) * 1e300)::numeric, 10) AS mae FROM (VALUES (1e-300::float8, 0::float8), (-3e-300, 4e-300)) AS v(p, a);
-- Infinite, or not a number.
SELECT p, rmse(p, 1), mae(p, 1) FROM (VALUES ('NaN'::float8), ('Infinity'), ('-Infinity')) AS v(p) GROUP BY p ORDER BY p;
SELECT rmse(p, a), mae(p, a) FROM (VALUES ('Infinity'::float8, 'Infinity'::float8), (1, 2)) AS v(p, a);
SELECT rmse(p, 0), mae(p, 0) FROM (VALUES (1e300::float8), ('NaN'), ('Infinity'), (1e-300), (0)) AS v(p);

-- Their states are not to be forged.
CREATE FUNCTION try(call text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  result text;
BEGIN
  EXECUTE 'SELECT ' || call INTO result;
  RETURN coalesce(result, 'NULL');
EXCEPTION WHEN OTHERS THEN
  RETURN SQLSTATE || ' ' || SQLERRM;
END $$;
SELECT replace(call, '%', name) AS call, try('personalize.' || replace(call, '%', name))
  FROM unnest('{rmse,mae}'::text[]) AS name,
       unnest(ARRAY['%_accumulate(NULL, 1, 1)', '%_accumulate(NULL, NULL, NULL)', '%_accumulate(''{}'', 1, 1)', '%_accumulate(''{1,2}'', 1, 1)',
                    '%_accumulate(''{1,2,3,4}'', NULL, 1)', '%_accumulate(''{{1},{2},{3}}'', 1, 1)', '%_accumulate(''{1,NULL,3}'', 1, 1)',
                    '%_accumulate(''{NaN,NaN,NaN}'', 1, 1)', '%_accumulate(''{-1,Infinity,-Infinity}'', 1, 1)', '%_accumulate(''{1,-1,1}'', 5, 1)',
                    '%_accumulate(''[0:2]={0,0,0}'', 5, 1)', '%_accumulate(''{0,0,0}'', 5, 1)',
                    '%_combine(NULL, ''{0,0,0}'')', '%_combine(''{0,0,0}'', ''{0,0}'')', '%_combine(''{0,0,NULL}'', ''{0,0,0}'')',
                    '%_combine(''{1,1,1}'', ''{1,NaN,1}'')', '%_combine(''{1,2,1}'', ''{1,1,1}'')', '%_combine(''{0,0,0}'', ''{0,0,0}'')',
                    '%_result(NULL)', '%_result(''{}'')', '%_result(''{0,0,0}'')', '%_result(''{NaN,1,1}'')', '%_result(''{-1,1,1}'')', '%_result(''{4,2,4}'')']) AS call;
-- A state that was given is not written over.
SELECT s AS before, personalize.rmse_accumulate(s, 3, 1) AS after, s AS still FROM (VALUES ('{0,0,0}'::float8[])) AS v(s);
DROP FUNCTION try;

-- In parallel, and the same answer: every sum here is a whole number.
CREATE TABLE errors AS SELECT k % 3 AS g, (k % 11 - 5)::float8 AS p, (k % 7 - 2)::float8 AS a FROM generate_series(1, 20000) AS k;
ANALYZE errors;
SELECT g, rmse(p, a) AS rmse, mae(p, a) AS mae INTO errors_serial FROM errors GROUP BY g;
SELECT g, rmse = sqrt(avg((p - a) ^ 2)) AS rmse, mae = avg(abs(p - a)) AS mae FROM errors JOIN errors_serial USING (g) GROUP BY g, rmse, mae ORDER BY g;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET max_parallel_workers_per_gather = 2;
CREATE FUNCTION errors_plan(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  plan json;
BEGIN
  EXECUTE 'EXPLAIN (COSTS off, FORMAT json) ' || query INTO plan;
  RETURN plan;
END $$;
SELECT errors_plan('SELECT g, rmse(p, a), mae(p, a) FROM errors GROUP BY g') ~ '"Partial Mode": "Partial"' AS partial;
SELECT e.g, e.rmse = s.rmse AS same_rmse, e.mae = s.mae AS same_mae
  FROM (SELECT g, rmse(p, a) AS rmse, mae(p, a) AS mae FROM errors GROUP BY g) AS e
  JOIN errors_serial AS s USING (g) ORDER BY g;
RESET ALL;
DROP TABLE errors, errors_serial;
DROP FUNCTION errors_plan;
