-- k-means over partitions: what has one exact answer.
CREATE TABLE made (id int, g text, f float8[]);
INSERT INTO made VALUES (1, 'a', '{0,0}'), (2, 'a', '{0,1}'), (3, 'a', '{1,0}'), (4, 'a', '{10,10}'), (5, 'a', '{10,11}'),
  (6, 'a', NULL), (7, 'b', '{5}'), (8, 'b', '{6}'), (9, 'b', '{50}'), (10, 'c', NULL);
SELECT id, kmeans_segment(f, 2) OVER (PARTITION BY g) AS segment FROM made ORDER BY id;
-- As many segments as differ; the order of rows and the frame change nothing.
SELECT id, kmeans_segment(f, 9) OVER (PARTITION BY g ORDER BY id DESC ROWS 1 PRECEDING) AS segment
  FROM made WHERE g = 'a' ORDER BY id;
SELECT DISTINCT kmeans_segment('{1,2}', 3) OVER () FROM generate_series(1, 5);
SELECT kmeans_segment(f, 3) OVER () FROM made WHERE false;
SELECT kmeans_segment(f, 3) OVER () FROM made WHERE f IS NULL;
-- A feature on a large scale hides the other one, unless both are scaled.
SELECT k, kmeans_segment(f, 2) OVER () AS none, kmeans_segment(f, 2, 'zscore') OVER () AS zscore,
       kmeans_segment(f, 2, scale => 'minmax') OVER () AS minmax, kmeans_segment(f, 2, 'robust', seed => 7) OVER () AS robust
  FROM (SELECT k, ARRAY[k % 3 * 1000, CASE WHEN k <= 4 THEN 0 ELSE 9 END]::float8[] AS f FROM generate_series(1, 9) AS k) AS s
  ORDER BY k;
-- Far from the origin, and as large as numbers are.
SELECT x, kmeans_segment(ARRAY[1e15 + x], 2) OVER () AS far, kmeans_segment(ARRAY[x * 1e148], 2) OVER () AS large,
       kmeans_segment(ARRAY[x * 1e-305], 2, 'zscore') OVER () AS small
  FROM unnest('{1,2,3,80,90}'::float8[]) AS x ORDER BY x;

-- Wrong input.
SELECT kmeans_segment(ARRAY[1.0], 2);
SELECT kmeans_segment(f, 0) OVER () FROM made WHERE g = 'a';
SELECT kmeans_segment(f, NULL) OVER () FROM made WHERE g = 'a';
SELECT kmeans_segment(f, 2, 'log') OVER () FROM made WHERE g = 'a';
SELECT kmeans_segment(f, 2) OVER (ORDER BY id) FROM made;
SELECT kmeans_segment(ARRAY[x, 1], 2) OVER () FROM unnest('{1,NULL}'::float8[]) AS x;
SELECT kmeans_segment(ARRAY[1, x], 2) OVER () FROM unnest('{1,NaN}'::float8[]) AS x;
SELECT kmeans_segment(ARRAY[1, x], 2) OVER () FROM unnest('{1,-Infinity}'::float8[]) AS x;
SELECT kmeans_segment(ARRAY[1, x], 2) OVER () FROM unnest('{1,2e150}'::float8[]) AS x;
SELECT kmeans_segment('{}', 2) OVER ();
SELECT kmeans_segment('{{1,2},{3,4}}', 2) OVER ();
SELECT kmeans_segment(ARRAY[x], 2, 'robust') OVER () FROM unnest('{1,2,3,4,5,6,7,1e30}'::float8[]) AS x;
SET personalize.max_memory = '1MB';
SELECT kmeans_segment(ARRAY[x, x], 2) OVER () FROM generate_series(1, 100000) AS x;
RESET personalize.max_memory;
DROP TABLE made;
