-- Metrics of ranked arrays: worked examples. Hits at ranks 1, 3 and 6, of 4 relevant items.
CREATE VIEW metrics AS SELECT name, k,
  round(precision_at(recommended, relevant, k)::numeric, 10) AS precision,
  round(recall_at(recommended, relevant, k)::numeric, 10) AS recall,
  round(recall_at(recommended, relevant, k, true)::numeric, 10) AS capped,
  round(f1_at(recommended, relevant, k)::numeric, 10) AS f1,
  round(ndcg_at(recommended, relevant, k)::numeric, 10) AS ndcg,
  round(average_precision_at(recommended, relevant, k)::numeric, 10) AS average_precision,
  round(reciprocal_rank(recommended, relevant, k)::numeric, 10) AS reciprocal_rank,
  hit_rate_at(recommended, relevant, k) AS hit_rate
  FROM (VALUES (1, 'example', '{1,10,3,11,12,6}'::int[], '{6,3,1,77}'::int[], 5),
               (2, 'example', '{1,10,3,11,12,6}', '{6,3,1,77}', 6),
               (3, 'example', '{1,10,3,11,12,6}', '{6,3,1,77}', 100),
               (4, 'more relevant than places', '{10,3}', '{1,2,3,4,5,6,7,8,9,0}', 2),
               (5, 'ideal', '{3,1,2}', '{1,2,3}', 3),
               (6, 'ideal, cut', '{3,1,2}', '{1,2,3,4,5}', 3),
               (7, 'no hit', '{4,5}', '{1}', 2),
               (8, 'hit past k', '{4,5,1}', '{1}', 2),
               (9, 'repeat', '{1,1,2}', '{1,2}', 3),
               (10, 'repeat of no hit', '{4,4,2}', '{1,2}', 3),
               (11, 'NULL takes a place', '{NULL,1,NULL,2}', '{1,2}', 3),
               (12, 'relevant repeated, with NULL', '{NULL,1,2}', '{1,1,NULL,2,1}', 3),
               (13, 'nothing recommended', '{}', '{1}', 3),
               (14, 'NULL recommended', NULL, '{1}', 3),
               (15, 'only NULLs recommended', '{NULL,NULL}', '{1}', 3),
               (16, 'nothing relevant', '{1}', '{}', 3),
               (17, 'NULL relevant', '{1}', NULL, 3),
               (18, 'only NULLs relevant', '{1,NULL}', '{NULL,NULL}', 3),
               (19, 'neither', NULL, NULL, 3)) AS v(number, name, recommended, relevant, k) ORDER BY number;
\x
SELECT * FROM metrics;
\x

-- What has nothing relevant is left out of a mean, what has nothing recommended is not.
SELECT avg(recall_at(recommended, relevant, 10)) AS recall
  FROM (VALUES (1, '{1,2}'::int[]), (2, NULL), (3, '{5}')) AS u(user_id, recommended)
  LEFT JOIN (VALUES (1, '{1}'::int[]), (2, '{9}')) AS t(user_id, relevant) USING (user_id);

-- Types: one for both arrays, or one that both become.
SELECT precision_at('{1,2,3}'::int[], '{2,5}'::bigint[], 2) AS integers, precision_at(ARRAY[1, 2, 3], '{2,5}', 2) AS untyped_second,
       precision_at('{a,b}', '{b}', 2) AS untyped, precision_at('{a,b}'::varchar[], '{b}'::text[], 2) AS texts,
       precision_at('{1,2}'::int[], '{2.0}'::numeric[], 2) AS numbers, precision_at(NULL, '{1}'::int[], 2) AS null_first,
       precision_at('{1}'::int[], NULL, 2) IS NULL AS null_second, precision_at(NULL, NULL, 2) IS NULL AS nulls;
SELECT recall_at(k => 2, capped => true, relevant => '{2,5,6}'::bigint[], recommended => '{1,2,3}'::int[]) AS named;
PREPARE untyped AS SELECT precision_at($1, $2, $3);
EXECUTE untyped('{a,b}', '{b}', 2);
DEALLOCATE untyped;
SELECT precision_at('{NaN,0}'::float8[], '{-0,NaN}'::float8[], 2) AS floats, precision_at('{A}'::text[], '{a}'::text[], 1) AS case_matters,
       precision_at('[5:6]={1,2}'::int[], '[-1:0]={2,3}'::int[], 2) AS bounds;

-- Errors.
SELECT precision_at('{1}'::int[], '{1}'::int[], 0);
SELECT recall_at('{1}'::int[], '{1}'::int[], -5);
SELECT ndcg_at('{1}'::int[], '{1}'::int[], NULL);
SELECT hit_rate_at('{1}'::int[], NULL, NULL);
SELECT recall_at('{1}'::int[], '{1}'::int[], 1, NULL);
SELECT f1_at('{{1,2},{3,4}}'::int[], '{1}'::int[], 1);
SELECT average_precision_at('{1}'::int[], '{{1},{2}}'::int[], 1);
SELECT reciprocal_rank(ARRAY[point(1, 2)], ARRAY[point(1, 2)], 1);
\set VERBOSITY sqlstate
SELECT precision_at('{1}'::int[], '{1}'::int[], 0);
SELECT precision_at('{1}'::int[], '{1}'::int[], NULL);
SELECT precision_at('{{1}}'::int[], '{1}'::int[], 1);
SELECT precision_at(ARRAY['{}'::json], ARRAY['{}'::json], 1);
SELECT precision_at('{1}'::int[], '{a}'::text[], 1);
SELECT precision_at(1, 2, 1);
\set VERBOSITY default
SET personalize.max_memory = '1MB';
SELECT precision_at('{1}'::int[], array_agg(k), 1) FROM generate_series(1, 200000) AS k;
SELECT precision_at(array_agg(k), '{1}'::int[], 2000000) FROM generate_series(1, 2000000) AS k;
SELECT precision_at(array_agg(k), '{1}'::int[], 1) FROM generate_series(1, 2000000) AS k;
RESET personalize.max_memory;
DROP VIEW metrics;
