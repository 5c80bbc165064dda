-- Segments by taste: k-means over the factors of users, a vector in one column.
SET client_min_messages = warning;
SELECT no_plan();
\ir ../include/try.sql
-- Five tastes: user u likes ten of the twenty items of taste u mod 5.
CREATE TABLE likes AS SELECT u AS user_id, u % 5 + 5 * (abs(hashint8extended(u * 1000 + k, 7)) % 20) AS item_id
  FROM generate_series(1, 300) AS u, generate_series(1, 10) AS k GROUP BY 1, 2;
SELECT train_mf('likes', rating_column => NULL, factors => 8);
CREATE TABLE taste AS SELECT user_id, factor FROM user_factors();
SELECT is((SELECT segments || ' ' || row_count FROM train_kmeans('taste', '{factor}', 5, 'tastes', key_column => 'user_id')), '5 300', 'k-means over factors');
-- One division is another where each part of the one is one part of the other.
CREATE FUNCTION pure(segment_of_user text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE n bigint;
BEGIN
  EXECUTE format('SELECT count(DISTINCT (s, user_id %% 5)) FROM (SELECT user_id, %s AS s FROM taste) AS t', segment_of_user) INTO n;
  RETURN n;
END $$;
SELECT is(pure('segment_of(user_id, ''tastes'')'), 5::bigint, 'each segment is one taste');
SELECT is(pure('assign_segment(''tastes'', factor::float8[])'), 5::bigint, 'so it is by the vector');
SELECT is(pure('kmeans_segment(factor::float8[], 5) OVER ()'), 5::bigint, 'and by the window function');
SELECT is((SELECT segments FROM train_kmeans('taste', '{factor}', model => 'chosen')), 5, 'k => NULL finds how many tastes there are');
CREATE VIEW now AS SELECT * FROM user_factors();
SELECT is((SELECT segments FROM train_kmeans('now', '{factor}', 5, 'of_view', scale => 'none', key_column => 'user_id')), 5, 'a view of user_factors');
SELECT is(pure('segment_of(user_id, ''of_view'')'), 5::bigint, 'and its keys');
SELECT is((SELECT options->'features' FROM personalize.models WHERE model = 'tastes')::text, '["factor[1]", "factor[2]", "factor[3]", "factor[4]", "factor[5]", "factor[6]", "factor[7]", "factor[8]"]', 'each element is a feature');
SELECT is((SELECT count(*) FROM segment_means('tastes')), 40::bigint, 'with a mean in each segment');
SELECT is((SELECT max(abs(now - at_training)) < 1e-12 FROM segment_drift('tastes')), true, 'nothing has moved');
SELECT is((SELECT segments FROM train_dbscan('taste', '{factor}', 0.5, 5, 'dense', scale => 'none', key_column => 'user_id')) > 0, true, 'DBSCAN');
SELECT is((SELECT count(*) FROM segment_neighbors('taste', '{factor}')), 22::bigint, 'segment_neighbors');
-- What a cold user of a taste is shown: items of that taste.
SELECT is((SELECT count(DISTINCT item_id % 5) FROM popular_items(10, segment => s, segments => 'tastes') WHERE score > 0), 1::bigint, 'popular in taste ' || s) FROM generate_series(1, 5) AS s;

-- The same as columns of numbers, to the bit; beside other features; of other types.
CREATE VIEW flat AS SELECT user_id, factor[1] AS a, factor[2] AS b, factor[3] AS c, factor[4] AS d, factor[5] AS e, factor[6] AS f, factor[7] AS g, factor[8] AS h FROM taste;
SELECT train_kmeans('flat', '{a,b,c,d,e,f,g,h}', 5, 'flat', key_column => 'user_id');
SELECT is((SELECT count(*) FROM taste WHERE segment_of(user_id, 'flat') <> segment_of(user_id, 'tastes')), 0::bigint, 'as columns of numbers');
SELECT results_eq($$SELECT inertia, silhouette, stability FROM segment_quality('tastes')$$, $$SELECT inertia, silhouette, stability FROM segment_quality('flat')$$, 'to the bit');
CREATE DOMAIN two_numbers AS numeric[] CHECK (cardinality(value) = 2);
CREATE TABLE mixed AS SELECT k AS id, CASE k % 2 WHEN 0 THEN 'even' ELSE 'odd' END AS word, ARRAY[k % 2, k % 3]::two_numbers AS v, ARRAY[k % 2]::int2[] AS w, k % 2 = 0 AS flag FROM generate_series(1, 60) AS k;
SELECT is((SELECT segments FROM train_kmeans('mixed', NULL, 2, 'mixed', key_column => 'id')), 2, 'beside texts and booleans');
SELECT is((SELECT count(DISTINCT (word, segment_of(id, 'mixed'))) FROM mixed), 2::bigint, 'by key');
SELECT is((SELECT string_agg(name, ' ') FROM segment_drift('mixed') WHERE kind = 'feature'), 'word even word odd v[1] v[2] w[1] flag', 'by drift');

-- Vectors that are missing, odd, or gone.
CREATE TABLE odd (id int, v float8[]);
SELECT is(try($$SELECT train_kmeans('odd', '{v}', 1, 'odd')$$), '22023: feature "v" has no vector in any row (Give vectors of 1 to 10000 elements, or leave the feature out.)', 'no rows');
INSERT INTO odd VALUES (1, NULL), (2, '{}');
SELECT is(try($$SELECT train_kmeans('odd', '{v}', 1, 'odd')$$), '22023: feature "v" has vectors of 0 elements (Give vectors of 1 to 10000 elements, or leave the feature out.)', 'empty vectors');
UPDATE odd SET v = '{1,2}' WHERE id = 2;
SELECT is(try($$SELECT train_kmeans('odd', '{v}', 1, 'odd')$$) LIKE '22023: feature "v[1]" is missing in 1 of 2 rows%', true, 'a NULL vector is missing');
INSERT INTO odd VALUES (3, '{3,NULL}'), (4, '{NaN,9}');
SELECT is((SELECT row_count FROM train_kmeans('odd', '{v}', 1, 'odd', missing => 'mean', key_column => 'id')), 4::bigint, 'and filled');
SELECT is((SELECT array_agg(mean) FROM segment_means('odd')), '{2,5.5}', 'element by element');
SELECT is(segment_of(1, 'odd'), 1, 'as a key is');
INSERT INTO odd VALUES (6, '{1,2,3}');
SELECT is(try($$SELECT train_kmeans('odd', '{v}', 1, 'longer', missing => 'mean')$$), '2202E: a vector of feature "v" has 3 elements in 1 dimensions, and not 2 in one (All vectors of a feature, now and at the training, must be of one length.)', 'a longer one');
SELECT is(try($$SELECT segment_of(6, 'odd')$$) LIKE '2202E: a vector of feature "v" has 3 elements%', true, 'by key');
SELECT is(try($$SELECT * FROM segment_drift('odd')$$) LIKE '2202E: a vector of feature "v" has 3 elements%', true, 'by drift');
UPDATE odd SET v = '{{1,2}}' WHERE id = 6;
SELECT is(try($$SELECT segment_of(6, 'odd')$$) LIKE '2202E: a vector of feature "v" has 2 elements in 2 dimensions%', true, 'a matrix');
UPDATE odd SET v = '{1,Infinity}' WHERE id = 6;
SELECT is(try($$SELECT train_kmeans('odd', '{v}', 1, 'infinite', missing => 'mean')$$) LIKE '22023: feature "v[2]" is Infinity in a row%', true, 'an infinite element');
SELECT is(try($$SELECT segment_of(6, 'odd')$$) LIKE '22023: feature "v[2]" is Infinity in a row%', true, 'by key');
ALTER TABLE odd RENAME v TO u;
SELECT is(try($$SELECT segment_of(1, 'odd')$$), '42703: relation public.odd has no column "v" (The model was trained with it: call a column so (a view can), or train again; there are: id, u.)', 'renamed');
ALTER TABLE odd ADD v float8, ADD "u[1]" float8;
SELECT is(try($$SELECT segment_of(1, 'odd')$$) LIKE '42804: feature "v" is of type double precision, and was of another kind%', true, 'a number now');
SELECT is(try($$SELECT train_kmeans('odd', '{u}', 1, 'again')$$), '42702: "u[1]" is a column, and as if an element of feature "u" (Rename one of them in a view.)', 'a column with the name of an element');
CREATE TABLE next AS SELECT k AS id, ARRAY[k, k % 2] AS v, k AS "v[3]" FROM generate_series(1, 4) AS k;
SELECT is(try($$SELECT train_kmeans('next', '{v,"v[3]"}', 1, 'next')$$) LIKE '42702: "v[3]" is a column, and as if an element of feature "v"%', true, 'or of the element that would be next');
SELECT is(try($$SELECT train_kmeans('flat', '{a}', 1, 'number') FROM (SELECT 1) AS s$$), 'done', 'a number');
CREATE TABLE was AS SELECT k AS id, k AS v FROM generate_series(1, 9) AS k;
SELECT train_kmeans('was', '{v}', 2, 'was', key_column => 'id');
ALTER TABLE was ALTER v TYPE int[] USING ARRAY[v];
SELECT is(try($$SELECT segment_of(1, 'was')$$) LIKE '42804: feature "v" is of type integer[], and was of another kind%', true, 'a number that has become a vector');
SELECT is(try($$SELECT train_kmeans('words', '{w}', 1, 'words') FROM (SELECT 1) AS s$$) LIKE '42P01%', true, 'no table');
CREATE TABLE words AS SELECT ARRAY['a'] AS w, ARRAY[true] AS b;
SELECT is(try(format('SELECT train_kmeans(''words'', %L, 1, ''words'')', f)) LIKE '42804: feature % is of type %[]%', true, f) FROM unnest('{"{w}","{b}"}'::text[]) AS f;
CREATE DOMAIN positive AS int CHECK (VALUE > 0);
CREATE DOMAIN two_counts AS positive[] CHECK (cardinality(VALUE) = 2);
CREATE TABLE of_domains AS SELECT k AS id, ARRAY[k, k % 3 + 1]::two_counts AS v, ARRAY[k]::positive[] AS w FROM generate_series(1, 9) AS k;
SELECT train_kmeans('of_domains', '{v,w}', 2, 'of_domains', key_column => 'id');
SELECT is((SELECT count(segment_of(id, 'of_domains')) FROM of_domains), 9::bigint, 'arrays of a domain over numbers');
CREATE TABLE long AS SELECT array_agg(k) AS v FROM generate_series(1, 10001) AS k;
SELECT is(try($$SELECT train_kmeans('long', '{v}', 1, 'long')$$) LIKE '22023: feature "v" has vectors of 10001 elements (Give%', true, 'too long');
UPDATE long SET v = v[1:10000];
INSERT INTO long SELECT array_agg(-k) FROM generate_series(1, 10000) AS k;
SELECT is((SELECT segments FROM train_kmeans('long', '{v}', 2, 'long')), 2, 'the longest, out of line');
SELECT * FROM finish();
