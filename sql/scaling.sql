-- Window functions over whole partitions: what has one exact answer.
SELECT x, zscore(x) OVER (), min_max(x) OVER (), robust_scale(x) OVER () FROM unnest('{1,3}'::float8[]) AS x;
SELECT x, zscore(x) OVER () AS z, min_max(x) OVER () AS m, robust_scale(x) OVER () AS r
  FROM unnest('{-2,-2,2,2,NULL,NaN}'::float8[]) WITH ORDINALITY AS u(x, k) ORDER BY k;
SELECT x, robust_scale(x) OVER () AS r FROM unnest('{5,1,4,1000,3}'::float8[]) WITH ORDINALITY AS u(x, k) ORDER BY k;
SELECT round(zscore(x) OVER (ORDER BY x)::numeric, 12) AS z FROM generate_series(1, 3) AS x;

-- Each partition by itself; integers and numerics as they come.
SELECT g, x, zscore(x) OVER w AS z, min_max(x::numeric) OVER w AS m
  FROM (VALUES ('a', 1), ('a', 3), ('b', 10), ('b', 10), ('c', NULL), ('d', 7), ('d', NULL)) AS v(g, x)
  WINDOW w AS (PARTITION BY g) ORDER BY g, x;

-- The order and the frame change nothing, nor where in the window a row stands.
SELECT DISTINCT x, zscore(x) OVER w, min_max(x) OVER w, fill_missing(nullif(x, 3), 'mean') OVER w AS filled
  FROM unnest('{1,3,3,1}'::int[]) AS x
  WINDOW w AS (ORDER BY x ROWS BETWEEN CURRENT ROW AND CURRENT ROW) ORDER BY x;
SELECT x, min_max(x) OVER (ORDER BY x DESC ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING EXCLUDE CURRENT ROW) AS m
  FROM generate_series(0, 4) AS x;

-- Constants are 0; so is one row. Where half of the values are equal, the interquartile range says nothing.
SELECT x, zscore(x) OVER (), min_max(x) OVER (), robust_scale(x) OVER () FROM unnest('{0.1,0.1,0.1}'::float8[]) AS x;
SELECT zscore(7) OVER () AS z, min_max(7) OVER () AS m, robust_scale(7) OVER () AS r;
SELECT x, robust_scale(x) OVER () AS r FROM unnest('{2,2,2,2,9}'::float8[]) AS x;

-- Nothing to compute with.
SELECT x, zscore(x) OVER () AS z, min_max(x) OVER () AS m, robust_scale(x) OVER () AS r, fill_missing(x, 'mean') OVER () AS mean,
       fill_missing(x, 'median') OVER () AS median, fill_missing(x, 'zero') OVER () AS zero
  FROM unnest('{NULL,NaN,NULL}'::float8[]) AS x;
SELECT zscore(x) OVER () FROM unnest('{}'::float8[]) AS x;

-- Missing values are filled.
SELECT x, fill_missing(x, 'mean') OVER () AS mean, fill_missing(x, 'median') OVER () AS median, fill_missing(x, 'zero') OVER () AS zero
  FROM unnest('{1,NULL,2,NaN,9}'::float8[]) WITH ORDINALITY AS u(x, k) ORDER BY k;
SELECT x, method, fill_missing(x, method) OVER () AS filled
  FROM (VALUES (1, 'mean'), (2, 'zero'), (9, 'median'), (NULL, 'mean'), (NULL, 'zero'), (NULL, 'median')) AS v(x, method);

-- The ends of the range of numbers.
SELECT x, zscore(x) OVER () AS z, min_max(x) OVER () AS m, robust_scale(x) OVER () AS r
  FROM unnest('{-1.7e308,1.7e308}'::float8[]) AS x;
SELECT x, min_max(x) OVER () AS m FROM unnest('{0,5e-324}'::float8[]) AS x;

-- Refused.
SELECT zscore(x) OVER () FROM unnest('{1,Infinity}'::float8[]) AS x;
SELECT min_max(x) OVER () FROM unnest('{1,-Infinity}'::float8[]) AS x;
SELECT robust_scale(x) OVER () FROM unnest('{1,Infinity}'::float8[]) AS x;
SELECT fill_missing(x, 'mean') OVER () FROM unnest('{1,Infinity}'::float8[]) AS x;
SELECT fill_missing(x, 'zero') OVER () FROM unnest('{1,-Infinity}'::float8[]) AS x;
SELECT fill_missing(x, 'mode') OVER () FROM unnest('{1}'::float8[]) AS x;
SELECT fill_missing(x, NULL) OVER () FROM unnest('{1}'::float8[]) AS x;
SELECT zscore(1);
\set VERBOSITY sqlstate
SELECT zscore(x) OVER () FROM unnest('{1,Infinity}'::float8[]) AS x;
SELECT fill_missing(x, 'mode') OVER () FROM unnest('{1}'::float8[]) AS x;
SELECT fill_missing(x, NULL) OVER () FROM unnest('{1}'::float8[]) AS x;
SELECT zscore(x) OVER () FROM unnest('{a}'::text[]) AS x;
