-- zscore, min_max, robust_scale, fill_missing against plain SQL, in windows of every shape.
SET client_min_messages = warning;
SELECT no_plan();

-- Partitions of one to hundreds of rows, some values missing, some partitions constant.
CREATE TABLE numbers AS
  SELECT k, g, CASE WHEN abs(hashint4(k)) % 10 = 0 THEN NULL WHEN abs(hashint4(k)) % 10 = 1 THEN 'NaN'
                    WHEN g % 7 = 3 THEN 5 ELSE (abs(hashint4(k + 1)) % 1000)::float8 / 7 - 40 END AS x
    FROM generate_series(1, 4000) AS k, LATERAL (SELECT floor(sqrt(k))::int AS g) AS groups;
CREATE TABLE scaled AS
  SELECT k, g, x, zscore(x) OVER w AS z, min_max(x) OVER w AS m, robust_scale(x) OVER w AS r, fill_missing(x, 'mean') OVER w AS mean,
         fill_missing(x, 'median') OVER w AS median, fill_missing(x, 'zero') OVER w AS zero
    FROM numbers WINDOW w AS (PARTITION BY g);
-- What plain SQL says of a partition; 1 where there is nothing to divide by.
CREATE VIEW statistics AS
  SELECT g, avg(x) AS mean, coalesce(nullif(stddev_pop(x), 0), 1) AS deviation, min(x) AS low, coalesce(nullif(max(x) - min(x), 0), 1) AS range,
         percentile_cont(0.5) WITHIN GROUP (ORDER BY x) AS median,
         coalesce(nullif(percentile_cont(0.75) WITHIN GROUP (ORDER BY x) - percentile_cont(0.25) WITHIN GROUP (ORDER BY x), 0), 1) AS quartiles
    FROM (SELECT g, nullif(x, 'NaN') AS x FROM numbers) AS n GROUP BY g;
CREATE FUNCTION near(a float8, b float8) RETURNS boolean LANGUAGE sql AS $$ SELECT coalesce(abs(a - b) <= 1e-9 * (1 + abs(b)), a IS NULL AND b IS NULL) $$;
CREATE VIEW compared AS SELECT s.*, nullif(x, 'NaN') AS v, t.mean AS t_mean, t.median AS t_median, deviation, low, range, quartiles FROM scaled AS s JOIN statistics AS t USING (g);
SELECT is((SELECT count(*) FROM compared), 4000::bigint, 'all rows come out');
SELECT is((SELECT count(*) FROM compared WHERE NOT near(z, (v - t_mean) / deviation)), 0::bigint, 'zscore is (x - avg) / stddev_pop');
SELECT is((SELECT count(*) FROM compared WHERE NOT near(m, (v - low) / range)), 0::bigint, 'min_max is (x - min) / (max - min)');
SELECT is((SELECT count(*) FROM compared WHERE NOT near(r, (v - t_median) / quartiles)), 0::bigint, 'robust_scale is (x - median) / interquartile range');
SELECT is((SELECT count(*) FROM compared WHERE NOT near(mean, coalesce(v, t_mean))), 0::bigint, 'fill_missing with the mean');
SELECT is((SELECT count(*) FROM compared WHERE NOT near(median, coalesce(v, t_median))), 0::bigint, 'with the median');
SELECT is((SELECT count(*) FROM compared WHERE NOT near(zero, coalesce(v, 0))), 0::bigint, 'with zero');
SELECT is((SELECT count(*) FROM compared WHERE v IS NULL AND (z IS NOT NULL OR m IS NOT NULL OR r IS NOT NULL)), 0::bigint, 'what is missing stays NULL');
SELECT is((SELECT count(*) FROM scaled WHERE g % 7 = 3 AND (z <> 0 OR m <> 0 OR r <> 0)), 0::bigint, 'constants are exactly 0');
SELECT is((SELECT array_agg(k ORDER BY k) FROM (SELECT k, zscore(x) OVER (PARTITION BY g ORDER BY x, k) AS z FROM numbers) AS s JOIN scaled USING (k) WHERE s.z IS DISTINCT FROM scaled.z AND abs(s.z - scaled.z) > 1e-12),
  NULL, 'in any order of rows');

-- Arguments that allocate, other windows beside, and windows over aggregates.
SELECT is((SELECT count(*) FROM (SELECT zscore((x::text || repeat(' ', 100))::float8) OVER (PARTITION BY g) AS again, z FROM scaled) AS s WHERE NOT near(again, z)), 0::bigint, 'an argument that allocates');
SELECT is((SELECT count(*) FROM (SELECT k, row_number() OVER (ORDER BY k) AS n, sum(k) OVER (ORDER BY k ROWS 3 PRECEDING) AS s, lag(k) OVER (ORDER BY k) AS before, min_max(k) OVER (ORDER BY k) AS m FROM numbers) AS w
   WHERE n <> k OR before IS DISTINCT FROM nullif(k - 1, 0) OR NOT near(m, (k - 1) / 3999.0) OR s <> 4 * k - 6 AND k > 3), 0::bigint, 'other functions of the same window are not disturbed');
SELECT is((SELECT array_agg(m ORDER BY g) FROM (SELECT g, min_max(count(*)) OVER () AS m FROM numbers WHERE g <= 3 GROUP BY g) AS s), '{0,0.5,1}'::float8[], 'over groups');
SELECT is((SELECT array_agg(z ORDER BY k) FROM (SELECT k, zscore(x) OVER () AS z FROM (VALUES (1, 1), (2, 3)) AS v(k, x) ORDER BY k LIMIT 1) AS s), '{-1}'::float8[], 'a LIMIT ends early');
PREPARE scaled_by(float8) AS SELECT array_agg(z) AS z FROM (SELECT zscore(x * $1) OVER () AS z FROM unnest('{1,3}'::float8[]) AS x) AS s;
SELECT results_eq('EXECUTE scaled_by(5)', $$VALUES ('{-1,1}'::float8[])$$, 'prepared');
SELECT results_eq('EXECUTE scaled_by(-5)', $$VALUES ('{1,-1}'::float8[])$$, 'and executed again');

-- On disk rather than in memory.
SET work_mem = '64kB';
SELECT is((SELECT count(*) FROM (SELECT k, zscore(k) OVER () AS z, robust_scale(k) OVER () AS r FROM generate_series(1, 100000) AS k) AS s
   WHERE NOT near(z, (k - 50000.5) / sqrt((100000.0 ^ 2 - 1) / 12)) OR NOT near(r, (k - 50000.5) / 49999.5)), 0::bigint, 'a partition on disk');
RESET work_mem;

-- A hundred thousand partitions leave nothing behind.
SELECT is((SELECT count(*) FROM (SELECT robust_scale(k % 7) OVER (PARTITION BY k / 3) AS r FROM generate_series(0, 299999) AS k) AS s WHERE r IS NULL), 0::bigint, 'many partitions');

-- What medians need is claimed from the budget.
SET personalize.max_memory = '1MB';
CREATE FUNCTION answer(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  result text;
BEGIN
  EXECUTE statement INTO result;
  RETURN result;
EXCEPTION WHEN OTHERS THEN
  RETURN SQLSTATE || ' ' || SQLERRM;
END $$;
SELECT matches(answer('SELECT sum(r) FROM (SELECT robust_scale(k) OVER () AS r FROM generate_series(1, 200000) AS k) AS s'), '^53400 the values of a partition would need 2 MB of memory, and the limit is 1 MB', 'robust_scale is refused');
SELECT matches(answer('SELECT sum(r) FROM (SELECT fill_missing(k, ''median'') OVER () AS r FROM generate_series(1, 200000) AS k) AS s'), '^53400 ', 'so is a median');
SELECT is(answer('SELECT count(r) FROM (SELECT zscore(k) OVER () AS r FROM generate_series(1, 200000) AS k) AS s'), '200000', 'zscore needs none');
RESET personalize.max_memory;

-- Cancelled in the middle of a large partition, whatever it does then; and the session goes on.
CREATE TABLE large AS SELECT x::float8 FROM generate_series(1, 3000000) AS x;
CREATE FUNCTION cancelled(statement text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE statement;
  RETURN false;
EXCEPTION WHEN query_canceled THEN
  RETURN true;
END $$;
SET statement_timeout = 400;
SELECT ok(cancelled('SELECT count(r) FROM (SELECT zscore(x) OVER () AS r FROM large) AS s'), 'cancelled: zscore');
SELECT ok(cancelled('SELECT count(r) FROM (SELECT robust_scale(x) OVER () AS r FROM large) AS s'), 'cancelled: robust_scale');
SELECT ok(cancelled('SELECT count(r) FROM (SELECT fill_missing(x, ''median'') OVER () AS r FROM large) AS s'), 'cancelled: fill_missing');
RESET statement_timeout;
SELECT is((SELECT count(r) FROM (SELECT zscore(x) OVER () AS r FROM large LIMIT 10) AS s), 10::bigint, 'and again');

-- Called in ways they are not meant for.
SELECT is(answer(call), result, call) FROM (VALUES
  ('SELECT min_max(1)', '42809 window function min_max requires an OVER clause'),
  ('SELECT zscore(x) FILTER (WHERE x > 1) OVER () FROM large', '0A000 FILTER is not implemented for non-aggregate window functions'),
  ('SELECT zscore(DISTINCT x) OVER () FROM large', '0A000 DISTINCT is not implemented for window functions'),
  ('SELECT x FROM large WHERE zscore(x) OVER () > 1', '42P20 window functions are not allowed in WHERE')) AS c(call, result);
SELECT * FROM finish();
