-- The columns of relations, as exact numbers.
CREATE DOMAIN stars AS int CHECK (VALUE BETWEEN 0 AND 100);
CREATE TYPE described_pair AS (a int, b int);
CREATE TABLE described (gone int, n int, amount numeric(10,2), share real, flag boolean, rated stars, word text, code char(4), label varchar(10),
  day date, doc json, docb jsonb, place point, pair described_pair, list int[], twice int GENERATED ALWAYS AS (n * 2) STORED);
ALTER TABLE described DROP COLUMN gone;
INSERT INTO described VALUES
  (1, 1.5, 0.25, true, 5, 'a', 'x', 'one', '2026-01-01', '{}', '{}', '(1,2)', (1, NULL), '{1,2}'),
  (2, 2.5, 'NaN', false, 4, '', '', ' ', '2026-01-01', '{}', '{}', NULL, (NULL, NULL), '{}'),
  (3, 'NaN', 0.75, true, NULL, E' \t\n', '    ', NULL, NULL, NULL, NULL, '(1,2)', NULL, NULL),
  (4, NULL, NULL, NULL, 4, 'A', 'y', 'one', '2026-01-02', '[]', '[]', '(1,2)', (1, NULL), '{1,2}'),
  (100, 3.5, 0.25, true, 0, ' a', 'x', 'two', 'infinity', '{}', '{}', '(1,2)', (2, 1), '{2,1}');
SELECT column_name, type, row_count, missing, distinct_values FROM describe_features('described');
SELECT column_name, round(mean::numeric, 6) AS mean, round(deviation::numeric, 6) AS deviation, minimum, q1, median, q3, maximum, outliers
  FROM describe_features('described');

-- Those that are named, in that order.
SELECT column_name, median FROM describe_features('described', '{twice,n,n}');
SELECT column_name FROM describe_features('described', '{}');
SELECT column_name, missing, outliers FROM describe_features('described', ARRAY['word', 'n']);

-- Infinite values, and the ends of the range of numbers.
CREATE TABLE extremes (x float8);
INSERT INTO extremes VALUES (1), (2), (3), (4), (5), ('Infinity');
SELECT * FROM describe_features('extremes') \gx
TRUNCATE extremes;
INSERT INTO extremes VALUES (-1.7e308), (1.7e308);
SELECT mean, deviation, minimum, q1, median, q3, maximum, outliers FROM describe_features('extremes');

-- Nothing in it.
TRUNCATE extremes;
SELECT * FROM describe_features('extremes') \gx
INSERT INTO extremes VALUES (NULL), ('NaN');
SELECT row_count, missing, distinct_values, mean, minimum, outliers FROM describe_features('extremes');
CREATE TABLE without_columns ();
SELECT * FROM describe_features('without_columns');

-- Every kind of relation.
CREATE VIEW described_view AS SELECT n % 3 AS "the ""rest""", 'x' || n AS made FROM described;
CREATE MATERIALIZED VIEW described_copy AS SELECT * FROM described_view;
CREATE TABLE "parted ""table""" ("a ""b"" $1 '%s\" int) PARTITION BY RANGE ("a ""b"" $1 '%s\");
CREATE TABLE part_1 PARTITION OF "parted ""table""" FOR VALUES FROM (0) TO (10);
CREATE TABLE part_2 PARTITION OF "parted ""table""" FOR VALUES FROM (10) TO (20);
INSERT INTO "parted ""table""" SELECT generate_series(5, 15);
CREATE TEMP TABLE passing AS SELECT 1 AS x;
SELECT r, column_name, type, row_count, distinct_values, median
  FROM unnest('{described_view,described_copy,"\"parted \"\"table\"\"\"",passing}'::text[]) AS r, describe_features(r::regclass);

-- Refused.
SELECT * FROM describe_features(NULL);
SELECT * FROM describe_features('described', '{n,nothing}');
SELECT * FROM describe_features('described', '{n,NULL}');
SELECT * FROM describe_features('described', '{gone}');
SELECT * FROM describe_features('described', '{N}');
SELECT * FROM describe_features('no_such_table');
SELECT * FROM describe_features(0);
CREATE SEQUENCE described_sequence;
SELECT * FROM describe_features('described_sequence');
SELECT * FROM describe_features('described_pair'::regclass);
\set VERBOSITY sqlstate
SELECT * FROM describe_features(NULL);
SELECT * FROM describe_features('described', '{n,nothing}');
SELECT * FROM describe_features('described', '{n,NULL}');
SELECT * FROM describe_features('described_sequence');
