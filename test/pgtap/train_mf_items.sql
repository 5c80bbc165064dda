-- train_mf(items => ...): items that nobody has rated in models of factors.
SET client_min_messages = warning;
SELECT no_plan();

-- Planted taste: 10 genres with 30 items each; users like some items of one genre and few others. Three items of each genre are new.
CREATE TABLE catalog AS
  SELECT i AS item_id, 'g' || i % 10 AS genre, 'about ' || (ARRAY['x', 'y'])[1 + i / 10 % 2] || i % 10 || ' and n' || i AS title FROM generate_series(0, 299) AS i;
CREATE TABLE tastes AS
  SELECT u AS user_id, i AS item_id, 5 - 3 * (hashint8(u * 77 + i) & 1) + (i % 10 = u % 10)::int AS rating FROM generate_series(1, 400) AS u, generate_series(0, 269) AS i
  WHERE CASE WHEN i % 10 = u % 10 THEN hashint8(u * 1000 + i) & 15 < 7 ELSE hashint8(u * 1000 + i) & 127 < 2 END;
CREATE INDEX ON tastes (user_id) INCLUDE (item_id);
SELECT results_eq($$SELECT algorithm, items FROM train_mf('tastes', rating_column => NULL, factors => 16, items => 'catalog', text_columns => '{title}')$$,
  $$VALUES ('mf_als', 300::bigint)$$, 'items of both tables');
SELECT train_mf('tastes', 'plain', rating_column => NULL, factors => 16);
SELECT ok(options @> '{"items": "public.catalog", "attributes": ["genre"], "text_columns": ["title"]}', 'options are reported') FROM personalize.models WHERE model = 'default';
SELECT ok(NOT options ? 'items', 'and are not where there are none') FROM personalize.models WHERE model = 'plain';
SELECT ok(recall >= 0.5 AND popularity < 0.1, format('new items reach those whose taste they match: recall %s, by popularity %s', round(recall, 2), round(popularity, 2)))
  FROM (SELECT avg((SELECT count(*) FROM recommend_for(u, 20) WHERE item_id >= 270 AND item_id % 10 = u % 10 AND reason = 'personal') / 3.0) AS recall,
               avg((SELECT count(*) FROM popular_items(20) WHERE item_id >= 270 AND item_id % 10 = u % 10) / 3.0) AS popularity
        FROM generate_series(1, 400) AS u) AS r;
SELECT set_eq($$SELECT item_id, factor FROM item_factors() WHERE item_id < 270$$, $$SELECT item_id, factor FROM item_factors('plain')$$, 'rated items stay what they are');
SELECT set_eq($$SELECT * FROM user_factors()$$, $$SELECT * FROM user_factors('plain')$$, 'and users do');
SELECT ok((SELECT max(abs(predict_rating(u, i) - predict_rating(u, i, 'plain'))) < 1e-5 FROM generate_series(1, 400, 7) AS u, generate_series(0, 269, 5) AS i), 'who are folded in as before');
SELECT ok((SELECT avg((item_id % 10 = 3)::int) > 0.8 FROM similar_items(273, 10)), 'a new item is like those of its genre');
SELECT train_mf('tastes', 'stars', feedback => 'explicit', factors => 8, items => 'catalog');
SELECT ok((SELECT avg(predict_rating(u, 270 + u % 10, 'stars')) > avg(predict_rating(u, 270 + (u + 5) % 10, 'stars')) FROM generate_series(1, 400) AS u), 'explicit: ratings of new items follow the taste');
SELECT lives_ok($$SELECT train_mf('tastes', 'descent', feedback => 'explicit', solver => 'sgd', factors => 8, items => 'catalog')$$, 'gradient descent takes them, too');
SELECT ok((SELECT bool_and(value > 0) FROM cross_validate('tastes', options => '{"rating_column": null, "items": "catalog", "factors": 8}', folds => 2, k => 10) WHERE metric = 'recall'), 'cross_validate measures it');
SELECT throws_ok($$SELECT train_mf('tastes', feedback => 'explicit', solver => 'gibbs', items => 'catalog')$$, '22023', 'items does not apply to solver => ''gibbs''', 'not Gibbs sampling');
SELECT throws_ok(format('SELECT train_mf(''tastes'', %s)', o), '22023', NULL, o) FROM unnest('{item_key => ''item_id'',"attributes => ''{genre}''","text_columns => ''{title}''"}'::text[]) AS o;
SELECT throws_ok($$SELECT train_mf('tastes', items => 'catalog', attributes => '{nope}')$$, '42703', NULL, 'a column that is not there');
CREATE ROLE mf_items_reader;
GRANT SELECT ON tastes TO mf_items_reader;
SET ROLE mf_items_reader;
SELECT throws_ok($$SELECT train_mf('tastes', 'mine', items => 'catalog')$$, '42501', NULL, 'a table that one may not read');
RESET ROLE;
SELECT * FROM finish();
