-- Who is in which group: the same for ever.
SELECT u, experiment_group(u, 'challenger') AS halves, experiment_group(u, 'challenger', '{0.1,0.2}') AS less,
       experiment_group(u, 'another') AS another FROM generate_series(1, 8) AS u;

-- One user, however the id is written.
SELECT count(DISTINCT experiment_group(u, 'x', '{0.2,0.3,0.5}') || ' ' || experiment_group(u::text, 'x', '{0.2,0.3,0.5}')) AS pairs,
       bool_and(experiment_group(u, 'x') = experiment_group(u::text, 'x') AND experiment_group(u::smallint, 'x') = experiment_group(u::bigint, 'x')
                AND experiment_group(u::text::varchar, 'x') = experiment_group(u, 'x')) AS same
  FROM generate_series(1, 1000) AS u;
SELECT bool_and(experiment_group(id, 'x') = experiment_group(id::text, 'x') AND experiment_group(id, 'x') = experiment_group(upper(id::text), 'x')) AS same
  FROM (SELECT md5(u::text)::uuid AS id FROM generate_series(1, 1000) AS u) AS ids;
PREPARE untyped AS SELECT experiment_group($1, 'challenger') = experiment_group(7, 'challenger') AS same;
EXECUTE untyped('7');
SELECT experiment_group('7', 'challenger') = experiment_group(7, 'challenger') AS same;
CREATE DOMAIN reader AS int;
SELECT experiment_group(7::reader, 'challenger') = experiment_group(7, 'challenger') AS same;

-- Shares of 100,000 users.
SELECT g, abs(count(*) - 100000 * share) < 4 * sqrt(100000 * share * (1 - share)) AS as_asked
  FROM generate_series(1, 100000) AS u, LATERAL experiment_group(u, 'shares', '{0.1,0.3,0,0.2}') AS g
  JOIN (VALUES (1, 0.1), (2, 0.3), (4, 0.2), (NULL, 0.4)) AS s (expected, share) ON expected IS NOT DISTINCT FROM g
 GROUP BY g, share ORDER BY g;
-- Two experiments are independent: chi-square with 4 degrees of freedom, 99.9 % are below 18.5.
SELECT sum((count - expected) ^ 2 / expected) < 18.5 AS independent
  FROM (SELECT count(*) AS count, 100000 * (ARRAY[0.2, 0.3, 0.5])[a] * (ARRAY[0.2, 0.3, 0.5])[b] AS expected
          FROM generate_series(1, 100000) AS u, LATERAL experiment_group(u, 'one', '{0.2,0.3,0.5}') AS a,
               LATERAL experiment_group(u, 'two', '{0.2,0.3,0.5}') AS b GROUP BY a, b) AS cells;
-- Enlarging the first group, or the last, keeps those in it; what comes later does not matter to a group.
SELECT count(*) FILTER (WHERE experiment_group(u, 'x', '{0.1,0.9}') = 1 AND experiment_group(u, 'x', '{0.2,0.8}') <> 1) AS left_first,
       count(*) FILTER (WHERE experiment_group(u, 'x', '{0.9,0.1}') = 2 AND experiment_group(u, 'x', '{0.5,0.5}') <> 2) AS left_last,
       count(*) FILTER (WHERE experiment_group(u, 'x', '{0.2,0.2}') IS DISTINCT FROM experiment_group(u, 'x', '{0.2,0.2,0.6}')
                          AND experiment_group(u, 'x', '{0.2,0.2}') IS NOT NULL) AS moved
  FROM generate_series(1, 10000) AS u;
-- Fractions that add up to nearly 1 are meant to be 1; NULL is nobody.
SELECT bool_and(experiment_group(u, 'x', array_fill(0.1::float8, '{10}')) IS NOT NULL) AS everyone FROM generate_series(1, 10000) AS u;
SELECT experiment_group(NULL::bigint, 'x') AS nobody, experiment_group(NULL, 'x') AS untyped, experiment_group(1, 'x', '{0}') AS outside,
       experiment_group(1, '', '{0,1,0}') AS all_in_two;

-- Errors say which share.
SELECT experiment_group(1, 'x', '{}');
SELECT experiment_group(1, 'x', '{0.5,-0.1}');
SELECT experiment_group(1, 'x', '{NaN}');
SELECT experiment_group(1, 'x', '{0.2,Infinity}');
SELECT experiment_group(1, 'x', '{0.5,0.6}');
SELECT experiment_group(1, 'x', '{50,50}');
SELECT experiment_group(1, 'x', '{0.5,NULL}');
SELECT experiment_group(1, 'x', '{{0.5,0.5}}');
SELECT experiment_group(1, 'x', NULL);
SELECT experiment_group(1, NULL);
SELECT experiment_group(NULL::uuid, 'x', '{2}');
\set VERBOSITY sqlstate
SELECT experiment_group(1, 'x', '{}');
SELECT experiment_group(1, 'x', '{0.5,0.6}');
SELECT experiment_group(1, 'x', '{0.5,NULL}');
SELECT experiment_group(1, 'x', '{{0.5,0.5}}');
SELECT experiment_group(1, NULL);
