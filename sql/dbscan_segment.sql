-- DBSCAN over partitions: what has one exact answer.
CREATE TABLE made (id int, g text, f float8[]);
INSERT INTO made VALUES (1, 'a', '{0}'), (2, 'a', '{1}'), (3, 'a', '{2}'), (4, 'a', '{10}'), (5, 'a', '{11}'), (6, 'a', '{30}'),
  (7, 'a', NULL), (8, 'b', '{0}'), (9, 'b', '{3}');
SELECT id, dbscan_segment(f, 1, 2) OVER (PARTITION BY g) AS segment FROM made ORDER BY id;
SELECT id, dbscan_segment(f, 1, 1) OVER (PARTITION BY g ORDER BY id DESC) AS segment FROM made WHERE g = 'a' ORDER BY id;
-- A point counts among its own neighbours; a distance of just eps is near.
SELECT x, dbscan_segment(ARRAY[x], 0.5, 3) OVER () AS segment FROM unnest('{0,0.5,1,1.75}'::float8[]) AS x ORDER BY x;
-- Between two segments: the nearer one, at equal distance that of the lesser core point.
SELECT x, dbscan_segment(ARRAY[x], 1.5, 4) OVER () AS segment
  FROM unnest('{0,0.5,0.75,1.25,2.7,4,4.25,4.5,5}'::float8[]) AS x ORDER BY x;
SELECT x, dbscan_segment(ARRAY[x], 1.5, 4) OVER () AS segment
  FROM unnest('{0,0.5,0.75,1,2.5,4,4.25,4.5,5}'::float8[]) AS x ORDER BY x;
-- Scaled: as columns that are scaled before. Constant ones count nothing.
SELECT x, y, dbscan_segment(ARRAY[x, y, 7], 0.3, 2, 'minmax') OVER () AS scaled, dbscan_segment(ARRAY[x / 100, y / 4], 0.3, 2) OVER () AS by_hand,
    dbscan_segment(ARRAY[x, y], 0.3, 2) OVER () AS unscaled, dbscan_segment(ARRAY[x, y], 0.5, 2, 'robust') OVER () AS robust,
    dbscan_segment(ARRAY[x, y], 0.5, 2, scale => 'zscore') OVER () AS zscore
  FROM (VALUES (0::float8, 0::float8), (10, 0), (20, 1), (80, 4), (90, 4), (100, 3), (50, 0)) AS v(x, y) ORDER BY x;
SELECT x, dbscan_segment(ARRAY[x * 1e-200], 0.6, 2, 'minmax') OVER () AS segment FROM unnest('{0,1,3}'::float8[]) AS x ORDER BY x;
SELECT dbscan_segment(f, 1, 2, 'zscore') OVER () FROM made WHERE f IS NULL;
SELECT dbscan_segment(f, 1, 2) OVER () FROM made WHERE false;
SELECT dbscan_segment(f, 1, 2) OVER () FROM made WHERE f IS NULL;

-- Wrong input.
SELECT dbscan_segment(f, 0, 2) OVER () FROM made;
SELECT dbscan_segment(f, 'NaN', 2) OVER () FROM made;
SELECT dbscan_segment(f, NULL, 2) OVER () FROM made;
SELECT dbscan_segment(f, 1, 0) OVER () FROM made;
SELECT dbscan_segment(ARRAY[x], 1, 2) OVER () FROM unnest('{1,1e200}'::float8[]) AS x;
SELECT dbscan_segment(ARRAY[x], 1, 2) OVER () FROM unnest('{1,NULL}'::float8[]) AS x;
SELECT dbscan_segment(f, 1, 2, 'log') OVER () FROM made;
SELECT dbscan_segment(f, 1, 2, NULL) OVER () FROM made;
SELECT dbscan_segment(ARRAY[0, x], 1, 2, 'robust') OVER () FROM unnest('{1,1,1,2,2,1e30}'::float8[]) AS x;
SET personalize.max_memory = '1MB';
SELECT dbscan_segment(ARRAY[x, x], 2, 2) OVER () FROM generate_series(1, 100000) AS x;
RESET personalize.max_memory;
DROP TABLE made;
