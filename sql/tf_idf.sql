-- Sparse vectors, texts and TF-IDF. What is no short binary fraction is rounded.
SELECT cosine_sim('{"a": 3, "b": 4}'::jsonb, '{"b": 2}'::jsonb) AS partly, cosine_sim('{"a": 1}'::jsonb, '{"b": 1}'::jsonb) AS nothing,
       cosine_sim('{"a": 1, "b": -2}'::jsonb, '{"a": -2, "b": 4}'::jsonb) AS opposite,
       round(cosine_sim('{"x": 1, "long key": 2, "y": 3}'::jsonb, '{"x": 4, "long key": 5, "zz": 6}'::jsonb)::numeric, 10) AS between;
-- The last by hand: (4 + 10) / sqrt(1 + 4 + 9) / sqrt(16 + 25 + 36).
SELECT round((14 / sqrt(14) / sqrt(77))::numeric, 10) AS between;
SELECT cosine_sim('{}'::jsonb, '{"a": 1}'::jsonb) IS NULL AS empty, cosine_sim('{"a": 1}'::jsonb, '{"a": 0}'::jsonb) IS NULL AS zero, cosine_sim(NULL, '{"a": 1}'::jsonb) IS NULL AS strict;
-- Neither overflow nor vanish; what float8 cannot hold at all is an error, or 0 if it is small.
SELECT round(cosine_sim('{"a": 1e308, "b": 1e308}'::jsonb, '{"a": 1e-308, "c": 1e-308}'::jsonb)::numeric, 10) AS huge_and_tiny, cosine_sim('{"a": 5e-324}'::jsonb, '{"a": 5e-324}'::jsonb) AS least,
       cosine_sim('{"a": 1, "b": 1e-400}'::jsonb, '{"a": 1}'::jsonb) AS less;
SELECT cosine_sim('{"a": 1, "b": 1e309}'::jsonb, '{"a": 1}'::jsonb);
SELECT cosine_sim('{"a": 1}'::jsonb, '{"a": "1"}'::jsonb);
SELECT cosine_sim('{"a": 1}'::jsonb, '{"b": null}'::jsonb);
SELECT cosine_sim('{"a": true}'::jsonb, '{"b": 1}'::jsonb);
SELECT cosine_sim('{"a": {"b": 1}}'::jsonb, '{"b": 1}'::jsonb);
SELECT cosine_sim('{"a": [1]}'::jsonb, '{"b": 1}'::jsonb);
SELECT cosine_sim('[1, 2]'::jsonb, '{"b": 1}'::jsonb);
SELECT cosine_sim('{"b": 1}'::jsonb, '17'::jsonb);
SELECT cosine_sim('{"b": 1}'::jsonb, 'null'::jsonb);
-- Texts: a term weighs as often as it occurs.
SELECT round(cosine_sim('a:1,3,5 b:2,4,6,8'::tsvector, 'b:1 c:2'::tsvector)::numeric, 10) AS partly, round(cosine_sim('a:1,3,5 b:2,4,6,8'::tsvector, 'b:1'::tsvector)::numeric, 10) AS counted,
       round(cosine_sim('a b c'::tsvector, 'b:1,2 c:3'::tsvector)::numeric, 10) AS without_positions, round((3 / sqrt(3) / sqrt(5))::numeric, 10) AS by_hand;
SELECT round(cosine_sim(strip('a:1,3,5 b:2'::tsvector), 'a'::tsvector)::numeric, 10) AS stripped, cosine_sim('aa b'::tsvector, 'aaa bb'::tsvector) AS nothing,
       cosine_sim(''::tsvector, 'a'::tsvector) IS NULL AS empty, cosine_sim('a:1A'::tsvector, 'a:7D'::tsvector) AS labels_do_not_count;
SELECT round(cosine_sim(to_tsvector('english', 'The cats sat on the mat'), to_tsvector('english', 'A cat is sitting on mats'))::numeric, 10) AS stems;

CREATE FUNCTION rounded(vector jsonb) RETURNS jsonb LANGUAGE sql AS $$ SELECT coalesce(jsonb_object_agg(key, round(value::numeric, 12)), '{}') FROM jsonb_each_text(vector) HAVING vector IS NOT NULL $$;
-- Inverse document frequencies: ln(documents / documents with the term).
CREATE TABLE texts (id int, body tsvector);
INSERT INTO texts VALUES (1, 'whale:1,4 sea:2 ship:3'), (2, 'whale:1 hunt:2 sea:3'), (3, 'love:1,2 letter:3'), (4, 'love:1 sea:2'), (5, ''), (6, NULL);
SELECT rounded(idf(body)) FROM texts;
SELECT key, round(value::numeric, 12) = round(ln(5.0 / n), 12) AS by_hand
  FROM jsonb_each_text((SELECT idf(body) FROM texts)) JOIN (VALUES ('sea', 3), ('whale', 2), ('love', 2), ('ship', 1), ('hunt', 1), ('letter', 1)) AS v(key, n) USING (key) ORDER BY key;
SELECT rounded(idf(body)) AS no_documents FROM texts WHERE id > 5;
SELECT idf(body) AS empty_document FROM texts WHERE id = 5;
SELECT rounded(idf(document)) FROM (VALUES ('{"a": 2, "b": 0}'::jsonb), ('{"b": 1}'), (NULL), ('{"c": -1}'), ('{}')) AS v(document);
SELECT id, rounded(idf(body) OVER (ORDER BY id)) FROM texts WHERE id <= 2;
SELECT idf(document) FROM (VALUES ('{"a": 2}'::jsonb), ('{"a": "x"}')) AS v(document);
SELECT idf(document) FROM (VALUES ('{"a": 2}'::jsonb), ('[]')) AS v(document);

-- TF-IDF: vectors of length 1. Terms of no document, or of all, weigh nothing.
SELECT tf_idf('a:1,2 b:3 c:4'::tsvector, '{"a": 2, "b": 3, "c": 0, "d": 1}'::jsonb), tf_idf('{"a": 2, "e": 9, "b": 1}'::jsonb, '{"a": 2, "b": 3}'::jsonb), tf_idf(''::tsvector, '{}'), tf_idf('a b'::tsvector, '{"c": 1}');
SELECT tf_idf('a'::tsvector, '{"a": "x"}');
SELECT tf_idf('a'::tsvector, '{"a": 1e999}');
SELECT tf_idf('{"a": 1e300}'::jsonb, '{"a": 1e300}');
SELECT tf_idf('a'::tsvector, '[1]');
SELECT tf_idf('b'::tsvector, '{"a": "x", "b": 2}') AS not_looked_at;
SELECT cosine_sim('{"a": 1}'::jsonb, '{"a": 1}'::jsonb, '2');
-- The texts nearest to the first: in one query, and in steps.
SELECT b.id, round(cosine_sim(a.body, b.body, (SELECT idf(body) FROM texts))::numeric, 10) AS similarity
  FROM texts AS a, texts AS b
 WHERE a.id = 1 AND b.id <> 1
 ORDER BY similarity DESC NULLS LAST, id;
WITH model AS (SELECT idf(body) AS idf FROM texts), vectors AS MATERIALIZED (SELECT id, tf_idf(body, idf) AS vector FROM texts, model)
SELECT b.id, round(cosine_sim(a.vector, b.vector)::numeric, 10) AS similarity FROM vectors AS a, vectors AS b WHERE a.id = 1 AND b.id <> 1 ORDER BY similarity DESC NULLS LAST, id;
-- By hand, of 1 and 2: whale 2 ln(5/2) and ln(5/2), sea ln(5/3) twice, ship and hunt ln(5).
SELECT round(((2 * w * w + s * s) / sqrt(4 * w * w + s * s + h * h) / sqrt(w * w + s * s + h * h))::numeric, 10) AS similarity FROM (SELECT ln(2.5) AS w, ln(5 / 3.0) AS s, ln(5.0) AS h) AS v;
CREATE FUNCTION to_object(tsvector) RETURNS jsonb LANGUAGE sql AS $$ SELECT coalesce(jsonb_object_agg(lexeme, greatest(cardinality(positions), 1)), '{}') FROM unnest($1) $$;
SELECT bool_and(abs(cosine_sim(a.body, b.body, i.idf) - cosine_sim(to_object(a.body), to_object(b.body), i.idf)) < 1e-12) AS objects_agree
  FROM texts AS a, texts AS b, (SELECT idf(body) AS idf FROM texts) AS i;

-- As SQL counts, in one process and in several.
CREATE TABLE documents AS SELECT k AS id, k % 3 AS g, array_to_tsvector(array_agg(DISTINCT md5((hashint8(k * 31 + j) & 255)::text))) AS body FROM generate_series(1, 6000) AS k, generate_series(1, 8) AS j GROUP BY k;
ANALYZE documents;
CREATE VIEW counted AS
  SELECT g, jsonb_object_agg(lexeme, round(ln(documents::numeric / n), 12)) AS idf
    FROM (SELECT g, lexeme, count(*) AS n FROM documents, unnest(body) GROUP BY g, lexeme) AS t JOIN (SELECT g, count(*) AS documents FROM documents GROUP BY g) AS d USING (g) GROUP BY g;
CREATE VIEW frequencies AS SELECT g, idf(body) AS idf FROM documents GROUP BY g;
SELECT * INTO frequencies_serial FROM frequencies;
SELECT g, (SELECT count(*) FROM jsonb_object_keys(idf)) AS terms, rounded(idf) = (SELECT c.idf FROM counted AS c WHERE c.g = f.g) AS as_counted FROM frequencies_serial AS f ORDER BY g;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET max_parallel_workers_per_gather = 2;
SET parallel_leader_participation = off;
CREATE FUNCTION plan_of(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  plan json;
BEGIN
  EXECUTE 'EXPLAIN (COSTS off, FORMAT json) ' || query INTO plan;
  RETURN plan;
END $$;
SELECT plan_of('SELECT * FROM frequencies') ~ '"Partial Mode": "Partial"' AS partial, plan_of('SELECT idf(body) FROM documents') ~ '"Partial Mode": "Partial"' AS partial_without_groups;
SELECT g, p.idf = s.idf AS same FROM frequencies AS p JOIN frequencies_serial AS s USING (g) ORDER BY g;
SELECT idf(body) = (SELECT idf(body) FROM (SELECT body FROM documents ORDER BY id DESC OFFSET 0) AS reversed) AS same FROM documents;
-- Workers that see no document hand nothing over.
SELECT idf(body) IS NULL AS no_documents FROM documents WHERE id < 0;
RESET ALL;
