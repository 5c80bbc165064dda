-- idf, tf_idf and cosine_sim with one idf after another, with stored ones, within limits.
SET client_min_messages = warning;
SELECT no_plan();
\i test/include/try.sql

-- Texts of groups with vocabularies that overlap, each group with its own frequencies, stored in line and out of line.
CREATE TABLE documents AS
  SELECT k AS id, k % 4 AS g, to_tsvector('simple', string_agg('w' || abs(hashint4(k * 100 + j)) % (300 + 1000 * (k % 4)), ' ')) AS body
    FROM generate_series(1, 400) AS k, generate_series(1, 30) AS j GROUP BY k;
CREATE TABLE models AS SELECT g, idf(body) AS idf FROM documents GROUP BY g;
ALTER TABLE models ADD COLUMN padded jsonb;
ALTER TABLE models ALTER padded SET STORAGE EXTERNAL;
UPDATE models SET padded = idf || (SELECT jsonb_object_agg('padding ' || k, k) FROM generate_series(1, 3000) AS k);
SELECT cmp_ok((SELECT min(pg_column_size(padded)) FROM models), '>', 8192, 'out of line');

-- By joins: tf * ln(N / n), and the cosine of that.
CREATE VIEW weights AS
  SELECT d.id, d.g, t.lexeme, cardinality(t.positions) * ln(documents::float8 / n) AS weight
    FROM documents AS d, unnest(d.body) AS t, (SELECT g, count(*) AS documents FROM documents GROUP BY g) AS c, (SELECT g, lexeme, count(*) AS n FROM documents, unnest(body) GROUP BY g, lexeme) AS f
   WHERE c.g = d.g AND f.g = d.g AND f.lexeme = t.lexeme;
CREATE TABLE expected AS
  SELECT a.id AS a, b.id AS b, sum(a.weight * b.weight) / sqrt((SELECT sum(weight ^ 2) FROM weights AS w WHERE w.id = a.id)) / sqrt((SELECT sum(weight ^ 2) FROM weights AS w WHERE w.id = b.id)) AS cosine
    FROM weights AS a JOIN weights AS b USING (g, lexeme) WHERE a.id IN (4, 5, 6, 7) GROUP BY a.id, b.id;
CREATE TABLE pairs AS SELECT a.id AS a, b.id AS b, a.g, a.body AS body_a, b.body AS body_b, coalesce(cosine, 0) AS cosine FROM documents AS a JOIN documents AS b USING (g) LEFT JOIN expected AS e ON e.a = a.id AND e.b = b.id WHERE a.id IN (4, 5, 6, 7);
SELECT is((SELECT count(*) FROM pairs JOIN models USING (g) WHERE abs(cosine_sim(body_a, body_b, idf) - cosine) > 1e-12), 0::bigint, 'TF-IDF cosine as by joins');
-- One place in the query, another idf with every row: nothing of the row before is taken for this one's.
SELECT is((SELECT count(*) FROM (SELECT * FROM pairs JOIN models USING (g) ORDER BY b, g OFFSET 0) AS s WHERE abs(cosine_sim(body_a, body_b, padded) - cosine) > 1e-12), 0::bigint, 'stored, one after another');
SELECT is((SELECT count(*) FROM (SELECT * FROM pairs JOIN models USING (g) ORDER BY g OFFSET 0) AS s WHERE abs(cosine_sim(body_a, body_b, padded) - cosine) > 1e-12), 0::bigint, 'stored, in groups');
SELECT is((SELECT count(*) FROM (SELECT * FROM pairs JOIN models USING (g) ORDER BY b, g OFFSET 0) AS s WHERE abs(cosine_sim(tf_idf(body_a, padded), tf_idf(body_b, idf)) - cosine) > 1e-12), 0::bigint, 'in steps');
-- The same key in the same place with another number, the same number with another key, fewer keys.
SELECT is((SELECT array_agg(tf_idf('a:1,2 b:3'::tsvector, idf) ORDER BY k) FROM (VALUES (1, '{"a": 2, "b": 3}'::jsonb), (2, '{"a": 3, "b": 8}'), (3, '{"b": 3, "c": 2}'), (4, '{}'), (5, '{"a": 2, "b": 3}'), (6, '{"a": 1.5, "b": 4.00}'), (7, '{"b": 4}')) AS v(k, idf)),
  '{"{\"a\": 0.8, \"b\": 0.6}","{\"a\": 0.6, \"b\": 0.8}","{\"b\": 1}","{}","{\"a\": 0.8, \"b\": 0.6}","{\"a\": 0.6, \"b\": 0.8}","{\"b\": 1}"}'::jsonb[], 'another idf in every row');
SELECT is(try('SELECT tf_idf(''a''::tsvector, idf) FROM (VALUES (''{"a": 2}''::jsonb), (''{"a": "2"}'')) AS v(idf)'), '22023: the weight of "a" in idf is a string (Give an object of numbers, such as {"crime": 2, "love": 0.5}.)', 'an error in a later one is seen');
SELECT is(try('SELECT tf_idf(''a''::tsvector, ''[]'')'), '22023: idf is an array (Give an object of numbers, such as {"crime": 2, "love": 0.5}.)', 'no object');
SELECT is(try('SELECT tf_idf(''{"a": 1e300}''::jsonb, ''{"a": 1e300}'')'), '22003: the weight of "a" in idf is too large (Weights are of type float8: give numbers up to 1.7e308.)', 'too large a product');
-- Numbers of more digits than are remembered.
SELECT is((SELECT array_agg(tf_idf('{"a": 1, "b": 1}'::jsonb, jsonb_build_object('a', repeat('1', 100)::numeric * k, 'b', 0)) ) FROM generate_series(1, 3) AS k), '{"{\"a\": 1}","{\"a\": 1}","{\"a\": 1}"}'::jsonb[], 'long numbers');

-- idf in any order, over nothing, over objects.
SELECT is((SELECT idf(body) FROM documents), (SELECT idf(body ORDER BY id DESC) FROM documents), 'in any order of documents');
SELECT is((SELECT idf(body) FROM documents), (SELECT idf(o) FROM (SELECT id, jsonb_object_agg(lexeme, cardinality(positions)) AS o FROM documents, unnest(body) GROUP BY id) AS s), 'objects as texts');
SELECT is((SELECT idf(body) FILTER (WHERE id < 0) FROM documents), NULL, 'no documents');
SELECT is((SELECT idf(DISTINCT body) FROM (SELECT body FROM documents UNION ALL SELECT body FROM documents) AS s), (SELECT idf(body) FROM documents), 'DISTINCT');
SELECT is((SELECT count(DISTINCT idf) FROM (SELECT idf(body) AS idf FROM documents GROUP BY GROUPING SETS ((g), ())) AS s), 5::bigint, 'grouping sets');
SELECT is((SELECT idf(document) FROM (VALUES (repeat('x', 2000)::tsvector), ('y')) AS v(document)) ? repeat('x', 2000), true, 'a long term');

-- Its parts are not for people to call.
SELECT is((SELECT count(*) FROM unnest('{"idf_result(NULL)","idf_accumulate(NULL, ''a''::tsvector)","idf_accumulate(NULL, ''{}''::jsonb)","idf_combine(NULL, NULL)","idf_serialize(NULL)","idf_deserialize(''\\x00'', NULL)"}'::text[]) AS part
  WHERE try('SELECT personalize.' || part) !~ '^42883: function .* does not exist'), 0::bigint, 'SQL has no way to');

-- Within the limit or refused, and nothing is left of what failed.
SET personalize.max_memory = '1MB';
SELECT matches(try('SELECT idf(to_tsvector(''simple'', k::text)) FROM generate_series(1, 20000) AS k'), '^53400: the document frequencies of terms would need \d+ MB of memory, and the limit is 1 MB', 'too many terms');
SELECT is(try('SELECT idf(to_tsvector(''simple'', (k % 5000)::text)) FROM generate_series(1, 20000) AS k'), 'done', 'many documents');
SELECT matches(try('SELECT cosine_sim(o, o) FROM (SELECT jsonb_object_agg(k::text, 1) AS o FROM generate_series(1, 100000) AS k) AS s'), '^53400: the terms of a vector would need \d+ MB', 'too long a vector');
RESET personalize.max_memory;
CREATE FUNCTION resident() RETURNS int LANGUAGE sql AS $$
  SELECT CASE WHEN pg_read_file('/proc/self/maps', 0, 1000000, true) ~ 'lib[at]san' THEN 0
              ELSE coalesce((substring(pg_read_file('/proc/self/status', 0, 8000, true) FROM 'VmRSS:\s+(\d+) kB'))::int, 0) END $$;
CREATE FUNCTION fail(times int) RETURNS bigint LANGUAGE sql AS $$
  SELECT count(*) FROM generate_series(1, times) AS k WHERE try('SELECT idf(CASE WHEN k < 2000 THEN jsonb_build_object(''key number '' || k, 1) ELSE ''[]'' END) FROM generate_series(1, 2000) AS k') ~ 'a document is an array' $$;
SELECT is(fail(5), 5::bigint, 'documents that fail');
SELECT resident() AS resident \gset before_
SELECT is(fail(100), 100::bigint, '2,000 terms, then an error, 100 times');
SELECT cmp_ok(resident() - :before_resident, '<', 5000, 'leave nothing in the process (kB)');
SELECT * FROM finish();
