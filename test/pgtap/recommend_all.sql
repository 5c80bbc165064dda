-- recommend_all: for every user of the training what recommend_for answered them then.
SET client_min_messages = warning;
SET jit = off;
SELECT no_plan();
CREATE TABLE likes AS SELECT u AS user_id, i AS item_id FROM generate_series(1, 300) AS u,
  LATERAL (SELECT i FROM generate_series(u % 2, 59, 2) AS i ORDER BY md5(u || ' ' || i) LIMIT 3 + u % 9) AS chosen;
CREATE INDEX ON likes (user_id);
SELECT count(*) FROM train_mf('likes', rating_column => NULL, factors => 12) \gset trained_
SELECT count(*) FROM train_mf('likes', 'stored', rating_column => NULL, factors => 12, fold_in => false) \gset trained_

SELECT is((SELECT count(*) FROM recommend_all()), 3000::bigint, 'ten for each user by default');
SELECT is((SELECT count(*) FROM recommend_all(3)), 900::bigint, 'n for each user');
SELECT is((SELECT count(*) FROM recommend_all(1000)), (SELECT 300 * 60 - count(*) FROM likes), 'all that is unseen');
SELECT is((SELECT count(*) FROM recommend_all(1000) JOIN likes USING (user_id, item_id)), 0::bigint, 'nothing seen');
SELECT is((SELECT count(*) FROM recommend_all(7) GROUP BY user_id HAVING array_agg(rank ORDER BY rank) <> '{1,2,3,4,5,6,7}'), NULL, 'ranks from 1 to n');
SELECT is((SELECT count(*) FROM (SELECT score, lag(score) OVER (PARTITION BY user_id ORDER BY rank) AS before FROM recommend_all(60)) AS r WHERE score > before), 0::bigint, 'best first');
SELECT set_eq($$SELECT user_id, item_id, rank FROM recommend_all(5, 'stored')$$,
  $$SELECT u, item_id, k FROM generate_series(1, 300) AS u, recommend_for(u, 5, 'stored') WITH ORDINALITY AS r(item_id, score, reason, k)$$, 'the same as one by one');
SELECT is((SELECT count(*) FROM recommend_all(5, 'stored') AS a JOIN LATERAL recommend_for(a.user_id, 5, 'stored') AS o USING (item_id) WHERE abs(a.score - o.score) > 1e-6), 0::bigint, 'and the same scores');
SELECT cmp_ok((SELECT avg((item_id % 2 = user_id % 2)::int) FROM recommend_all(5)), '>', 0.95, 'of their taste');

-- It tells what was learnt; recommend_for, what is now.
BEGIN;
CREATE TABLE before AS SELECT * FROM recommend_all(3);
DELETE FROM likes;
SELECT set_eq('SELECT * FROM recommend_all(3)', 'SELECT * FROM before', 'ratings of now do not matter');
ROLLBACK;

CREATE FUNCTION bits(threads int) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('personalize.threads', threads::text, true);
  RETURN (SELECT md5(string_agg(r::text, ' ' ORDER BY user_id, rank)) FROM recommend_all(20) AS r);
END $$;
SELECT is((SELECT count(DISTINCT bits(threads)) FROM generate_series(1, 3) AS threads), 1::bigint, 'the same bits for 1, 2, 3 threads');

-- One who has seen everything has no row; explicit ratings come in their scale.
CREATE TABLE stars AS SELECT u AS user_id, i AS item_id, 1 + (u + i) % 2 * 4 AS rating FROM generate_series(1, 20) AS u, generate_series(1, 10) AS i WHERE u = 1 OR (u * i) % 3 > 0;
SELECT count(*) FROM train_mf('stars', 'stars', factors => 2, feedback => 'explicit') \gset trained_
SELECT is((SELECT count(*) FROM recommend_all(10, 'stars') WHERE user_id = 1), 0::bigint, 'one who has rated everything has no row');
SELECT is((SELECT count(*) FROM recommend_all(10, 'stars')), (SELECT count(DISTINCT user_id) * 10 - count(*) FROM stars), 'the others have theirs');
SELECT cmp_ok((SELECT max(score) FROM recommend_all(10, 'stars')), '>', 4::real, 'explicit: scores are ratings');

-- One who likes nothing gets popular items, as one by one.
CREATE TABLE opinions AS SELECT user_id, item_id, 5 AS rating FROM likes UNION ALL SELECT 1000, i, 1 FROM generate_series(20, 35) AS i;
SELECT count(*) FROM train_mf('opinions', 'opinions', positive_from => 3, factors => 4) \gset trained_
SELECT results_eq($$SELECT item_id, score FROM recommend_all(60, 'opinions') WHERE user_id = 1000 ORDER BY rank$$,
  $$SELECT item_id, score FROM recommend_for(1000, 60, 'opinions')$$, 'one who dislikes all gets popular items');

-- As a table of a report.
SELECT is((SELECT count(*) FROM recommend_all(2) AS r JOIN likes AS l ON l.user_id = r.user_id), (SELECT 2 * count(*) FROM likes), 'joined');
CREATE TABLE newsletter AS SELECT * FROM recommend_all(3);
SELECT is((SELECT count(*) FROM newsletter), 900::bigint, 'stored');
BEGIN READ ONLY;
SELECT is((SELECT count(*) FROM recommend_all(3)), 900::bigint, 'in a read-only transaction');
COMMIT;
SELECT * FROM finish();
