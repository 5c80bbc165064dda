-- diversity and boost of recommend_for.
SET client_min_messages = warning;
SELECT no_plan();
\ir ../include/try.sql

-- Two groups of ten items; everyone likes some of one and a few of the other.
CREATE TABLE likes AS
  SELECT u AS user_id, 10 * (u % 2) + i AS item_id FROM generate_series(1, 80) AS u, generate_series(1, 10) AS i WHERE (u * 7 + i * 3 + u / 9) % 4 < 2
  UNION SELECT u, 10 * ((u + 1) % 2) + 1 + u % 10 FROM generate_series(1, 80, 3) AS u;
CREATE INDEX ON likes (user_id) INCLUDE (item_id);
SELECT train_mf('likes', 'mf', rating_column => NULL, factors => 4), train_knn('likes', 'knn', rating_column => NULL), train_ease('likes', 'ease', rating_column => NULL, regularization => 5);
SELECT train_hybrid('{mf,knn}', model => 'both');
CREATE TABLE kind AS SELECT unnest('{mf,knn,ease,both}'::text[]) AS model;

SELECT is((SELECT array_agg(r::text ORDER BY n) FROM recommend_for(3, 8, model, diversity => 0) WITH ORDINALITY AS r(item_id, score, reason, n)),
  (SELECT array_agg(r::text ORDER BY n) FROM recommend_for(3, 8, model) WITH ORDINALITY AS r(item_id, score, reason, n)), model || ': no diversity is no change') FROM kind;
SELECT is((SELECT item_id FROM recommend_for(3, 8, model, diversity => 0.5) LIMIT 1), (SELECT item_id FROM recommend_for(3, 1, model)), model || ': the best comes first') FROM kind;
SELECT ok((SELECT sum((item_id > 10)::int) FROM generate_series(1, 79, 2) AS u, recommend_for(u, 4, model, exclude_seen => false, diversity => 0.7))
  < (SELECT sum((item_id > 10)::int) FROM generate_series(1, 79, 2) AS u, recommend_for(u, 4, model, exclude_seen => false)),
  model || ': diversity brings items of the other group') FROM kind;
SELECT is((SELECT count(DISTINCT item_id) FROM recommend_for(3, 8, model, diversity => 1)), 8::bigint, model || ': all of them different') FROM kind;
SELECT bag_eq(format('SELECT item_id, score FROM recommend_for(3, 30, %L, diversity => 0.4)', model), format('SELECT item_id, score FROM recommend_for(3, 30, %L)', model),
  model || ': of all items only the order changes') FROM kind;
-- By the definition: cosines of factors, scores brought to [0, 1] over the pool, which is all items here.
CREATE FUNCTION expected(u int, lambda float8, n int) RETURNS bigint[] LANGUAGE plpgsql AS $$
DECLARE
  chosen bigint[] = '{}';
  best bigint;
BEGIN
  FOR k IN 1 .. n LOOP
    SELECT r.item_id INTO best FROM recommend_for(u, 50, 'mf') AS r,
      LATERAL (SELECT max(score) AS high, min(score) AS low FROM recommend_for(u, 50, 'mf')) AS pool,
      LATERAL (SELECT coalesce(max(cosine_sim(a.factor, b.factor)), 0) AS near FROM item_factors('mf') AS a, item_factors('mf') AS b WHERE a.item_id = r.item_id AND b.item_id = ANY (chosen)) AS s
      WHERE r.item_id <> ALL (chosen) ORDER BY (1 - lambda) * (r.score - low) / (high - low) - lambda * near DESC, r.score DESC LIMIT 1;
    chosen = chosen || best;
  END LOOP;
  RETURN chosen;
END $$;
SELECT is((SELECT array_agg(item_id) FROM recommend_for(u, 5, 'mf', diversity => l::real)), expected(u, l, 5), format('user %s, diversity %s is maximal marginal relevance', u, l))
  FROM unnest('{1,2,7}'::int[]) AS u, unnest('{0.25,0.5}'::float8[]) AS l;
SELECT isnt_empty($$SELECT * FROM recommend_for(777, 5, 'mf', diversity => 0.5) WHERE reason = 'popular'$$, 'what is popular can be diverse, too');

CREATE TABLE boosts (item_id int, weight real);
INSERT INTO boosts VALUES (12, 3), (14, 0), (15, 0.1), (99999, 5), (NULL, 2), (13, NULL);
CREATE FUNCTION weighted(u int, m text) RETURNS TABLE (item_id bigint, score real) LANGUAGE sql AS $$
  SELECT r.item_id, (CASE WHEN w IS NULL THEN r.score WHEN r.score > 0 THEN r.score * w ELSE r.score / w END)::real
    FROM recommend_for(u, 100, m) AS r LEFT JOIN (SELECT b.item_id, b.weight AS w FROM boosts AS b WHERE b.weight IS NOT NULL) AS b USING (item_id) WHERE w IS DISTINCT FROM 0
$$;
SELECT is((SELECT max(difference) FROM (SELECT abs(a.score - b.score) + (a.item_id <> b.item_id)::int AS difference FROM
    generate_series(1, 80) AS u, LATERAL (SELECT row_number() OVER () AS n, * FROM recommend_for(u, 6, model, boost => 'boosts')) AS a
    JOIN LATERAL (SELECT row_number() OVER (ORDER BY w.score DESC, w.item_id) AS n, * FROM weighted(u, model) AS w) AS b USING (n)) AS d) < 1e-5, true,
  model || ': scores are multiplied before the best are taken') FROM kind WHERE model IN ('mf', 'both');
SELECT is_empty(format('SELECT 1 FROM generate_series(1, 80) AS u, recommend_for(u, 30, %L, exclude_seen => false, boost => ''boosts'') WHERE item_id = 14', model), model || ': weight 0 hides') FROM kind;
SELECT is_empty(format('SELECT 1 FROM generate_series(1, 80) AS u, recommend_for(u, 30, %L, boost => ''boosts'') AS r WHERE EXISTS (SELECT FROM likes AS l WHERE l.user_id = u AND l.item_id = r.item_id)', model), model || ': what has been seen stays out') FROM kind;
SELECT is((SELECT array_agg(item_id ORDER BY item_id) FROM recommend_for(2, 5, 'mf', exclude_seen => false, candidates => '{12,14,16}', boost => 'boosts')), '{12,16}', 'with candidates');
SELECT is((SELECT array_agg(item_id) FROM recommend_for(777, 20, 'mf', boost => 'boosts') WHERE item_id IN (12, 14, 15)), '{12,15}', 'popular items are boosted, too');
-- Popular items follow those that neighbours speak for, in their order; a boost moves them, too.
SELECT train_knn('likes', 'few', rating_column => NULL, neighbors => 1);
CREATE TABLE nothing (item_id int, weight real);
CREATE FUNCTION list_of(u int, m text, b regclass) RETURNS text[] LANGUAGE sql AS $$ SELECT array_agg(r::text ORDER BY n) FROM recommend_for(u, 18, m, boost => b) WITH ORDINALITY AS r(item_id, score, reason, n) $$;
SELECT is((SELECT count(*) FROM generate_series(1, 80) AS u WHERE list_of(u, model, 'nothing') IS DISTINCT FROM list_of(u, model, NULL)), 0::bigint, model || ': a boost of nothing changes nothing')
  FROM (SELECT model FROM kind UNION SELECT 'few') AS k;
SELECT item_id AS last FROM recommend_for(3, 18, 'few') WITH ORDINALITY WHERE reason = 'popular' ORDER BY ordinality DESC LIMIT 1 \gset
SELECT isnt((SELECT array_agg(item_id ORDER BY ordinality) FILTER (WHERE reason = 'popular') FROM recommend_for(3, 18, 'few') WITH ORDINALITY)[1], :last::bigint, 'the last is not the first of those that are popular');
INSERT INTO nothing VALUES (:last, 100);
SELECT is((SELECT array_agg(item_id ORDER BY ordinality) FILTER (WHERE reason = 'popular') FROM recommend_for(3, 18, 'few', boost => 'nothing') WITH ORDINALITY)[1], :last::bigint, 'until it is boosted');
-- A view may ask the same model.
CREATE VIEW of_a_friend AS SELECT item_id, 1::real AS weight FROM recommend_for(4, 20, 'mf');
SELECT is_empty($$SELECT 1 FROM recommend_for(3, 20, 'mf', boost => 'of_a_friend') JOIN likes USING (item_id) WHERE user_id = 3$$, 'what has been seen stays out when the weights come from the same model');
INSERT INTO boosts VALUES (12, 0.5);
SELECT is((SELECT score FROM recommend_for(777, 20, 'mf', boost => 'boosts') WHERE item_id = 12), (SELECT (score * 1.5)::real FROM popular_items(20, 'mf') WHERE item_id = 12), 'weights of one item multiply');
CREATE VIEW by_group AS SELECT i AS item_id, CASE WHEN i > 10 THEN 0.01 ELSE 1 END AS weight FROM generate_series(1, 20) AS i;
SELECT is((SELECT max(item_id) <= 10 FROM recommend_for(1, 4, 'mf', exclude_seen => false, boost => 'by_group')), true, 'categories by a view');
SELECT is((SELECT count(*) FROM recommend_for(1, 4, 'mf', boost => 'by_group', diversity => 0.5)), 4::bigint, 'both at once');

SELECT is(try(format('SELECT * FROM recommend_for(1, 4, ''mf'', diversity => %L)', d)) LIKE '22023: diversity %', true, 'diversity ' || d) FROM unnest('{-0.1,1.1,NaN}'::text[]) AS d;
SELECT is(try($$SELECT * FROM recommend_for(1, 4, 'mf', diversity => NULL)$$) LIKE '22004: %', true, 'diversity NULL');
SELECT is(try($$SELECT * FROM recommend_for(1, 4, 'mf', boost => 0)$$) LIKE '42P01: %', true, 'a relation that is not there');
SELECT is(try($$SELECT * FROM recommend_for(1, 4, 'mf', boost => 'likes')$$) LIKE '42703: relation public.likes has no column "weight" (%', true, 'no weights');
CREATE TABLE bad (item_id int, weight float8);
INSERT INTO bad VALUES (1, -1);
SELECT is(try($$SELECT * FROM recommend_for(1, 4, 'mf', boost => 'bad')$$), '22023: weight -1 of item 1 is out of range (Give weights from 0, which hides an item, to 1000000.)', 'a negative weight');
UPDATE bad SET weight = 'NaN';
SELECT is(try($$SELECT * FROM recommend_for(1, 4, 'mf', boost => 'bad')$$) LIKE '22023: weight NaN of item 1 is out of range%', true, 'NaN');
CREATE TABLE texts AS SELECT '1'::text AS item_id, 1 AS weight;
SELECT is(try($$SELECT * FROM recommend_for(1, 4, 'mf', boost => 'texts')$$) LIKE '42804: item_id of public.texts is of type text%', true, 'ids of another type');
CREATE ROLE shopper;
SELECT grant_model('mf', 'shopper');
SET ROLE shopper;
SELECT is(try($$SELECT * FROM recommend_for(1, 4, 'mf', boost => 'boosts')$$), '42501: permission denied for table boosts', 'weights are read as the caller');
RESET ROLE;
SELECT * FROM finish();
