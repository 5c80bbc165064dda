-- similar_items, similar_users: by the cosine of factors.
SET client_min_messages = warning;
SELECT no_plan();
CREATE TABLE likes AS SELECT u AS user_id, i AS item_id FROM generate_series(1, 60) AS u,
  LATERAL (SELECT i FROM generate_series(u % 3, 29, 3) AS i ORDER BY md5(u || ' ' || i) LIMIT 5) AS chosen;
CREATE INDEX ON likes (user_id);
SELECT count(*) FROM train_mf('likes', rating_column => NULL, factors => 3) \gset trained_

SELECT is((SELECT count(*) FROM similar_items(4)), 10::bigint, 'ten by default');
SELECT is((SELECT count(*) FROM similar_items(4, 3)), 3::bigint, 'n items');
SELECT is((SELECT count(*) FROM similar_items(4, 100)), 29::bigint, 'all but the item itself');
SELECT is((SELECT count(*) FROM similar_items(4, 100) WHERE item_id = 4), 0::bigint, 'not the item itself');
SELECT is((SELECT count(*) FROM similar_items(4, 9) WHERE item_id % 3 <> 1), 0::bigint, 'items of the same taste');
SELECT ok((SELECT bool_and(score BETWEEN -1.000001 AND 1.000001) FROM similar_items(4, 100)), 'a cosine');
SELECT ok((SELECT bool_and(abs(s.score - cosine_sim(f.factor, (SELECT factor FROM item_factors() WHERE item_id = 4))) < 1e-5) FROM similar_items(4, 100) AS s JOIN item_factors() AS f USING (item_id)), 'the cosine of factors');
SELECT is((SELECT count(*) FROM (SELECT score, lag(score) OVER (ORDER BY k) AS before FROM similar_items(4, 100) WITH ORDINALITY AS s(item_id, score, k)) AS s WHERE score > before), 0::bigint, 'best first');
SELECT is((SELECT count(*) FROM similar_items(777)), 0::bigint, 'an unknown item has none');
SELECT is((SELECT count(*) FROM similar_items(NULL::bigint)), 0::bigint, 'no item has none');
SELECT is((SELECT count(*) FROM generate_series(0, 29) AS i, similar_items(i, 2)), 60::bigint, 'LATERAL');

SELECT is((SELECT count(*) FROM similar_users(4, 100)), 59::bigint, 'all but the user');
SELECT is((SELECT count(*) FROM similar_users(4, 100) WHERE user_id = 4), 0::bigint, 'not the user');
SELECT is((SELECT count(*) FROM similar_users(4, 19) WHERE user_id % 3 <> 1), 0::bigint, 'users of the same taste');
SELECT is((SELECT count(*) FROM similar_users(777)), 0::bigint, 'an unknown user has none');
BEGIN;
INSERT INTO likes VALUES (777, 2), (777, 5), (777, 8);
SELECT is((SELECT count(*) FROM similar_users(777, 15) WHERE user_id % 3 = 2), 15::bigint, 'one who came after the training has');
DELETE FROM likes WHERE user_id = 4;
INSERT INTO likes SELECT 4, item_id FROM likes WHERE user_id = 777;
SELECT is((SELECT count(*) FROM similar_users(4, 15) WHERE user_id % 3 = 2), 15::bigint, 'and one whose taste has changed others');
ROLLBACK;

-- With biases, factors alone are compared; and an item without direction is similar to none, which is no error.
CREATE TABLE stars AS SELECT u AS user_id, i AS item_id, CASE WHEN u % 2 = i % 2 THEN 5 ELSE 1 END AS rating FROM generate_series(1, 20) AS u, generate_series(1, 10) AS i;
SELECT count(*) FROM train_mf('stars', 'stars', factors => 2, feedback => 'explicit') \gset trained_
SELECT is((SELECT array_agg(item_id ORDER BY item_id) FROM similar_items(2, 4, 'stars')), '{4,6,8,10}', 'explicit: items of the same taste');
CREATE TABLE flat AS SELECT u AS user_id, i AS item_id, 3 AS rating FROM generate_series(1, 5) AS u, generate_series(1, 4) AS i;
SELECT count(*) FROM train_mf('flat', 'flat', factors => 2, feedback => 'explicit') \gset trained_
SELECT ok((SELECT count(*) <= 3 AND count(*) FILTER (WHERE score = 'NaN') = 0 FROM similar_items(2, 4, 'flat')), 'all ratings equal: no NaN');
SELECT throws_ok('SELECT similar_items(4, -1)', '22023', 'n is -1', 'n => -1');
SELECT throws_ok('SELECT similar_users(4, model => ''none'')', '42704', 'model "none" does not exist', 'unknown model');
SELECT * FROM finish();
