-- recommend_for: follows the user's current ratings, excludes, filters before it cuts, falls back.
SET client_min_messages = warning;
SELECT no_plan();
\i test/include/try.sql

-- Two tastes: users and items of equal parity belong together; item 0 and 1 are the most popular ones.
CREATE TABLE likes (user_id int, item_id int, rating real);
CREATE INDEX ON likes (user_id);
INSERT INTO likes
  SELECT u, i, 1 FROM generate_series(1, 80) AS u,
         LATERAL (SELECT i FROM generate_series(u % 2, 39, 2) AS i ORDER BY i > 1, md5(u || ' ' || i) LIMIT 7) AS chosen;
SELECT count(*) AS trained FROM train_mf('likes', factors => 2) \gset
CREATE FUNCTION items(user_id int, n int DEFAULT 10, exclude_seen boolean DEFAULT true, candidates bigint[] DEFAULT NULL) RETURNS bigint[] LANGUAGE sql AS $$
  SELECT coalesce(array_agg(item_id ORDER BY k), '{}')
    FROM recommend_for(user_id, n, 'default', exclude_seen, candidates) WITH ORDINALITY AS r(item_id, score, reason, k)
$$;
CREATE FUNCTION share_of_taste(user_id int, taste int) RETURNS numeric LANGUAGE sql AS $$
  SELECT avg((item_id % 2 = taste)::int) FROM recommend_for(user_id, 10)
$$;

-- The answer: n rows, best first, none seen, of the user's taste.
SELECT is((SELECT count(*) FROM recommend_for(4)), 10::bigint, 'ten rows by default');
SELECT is((SELECT count(*) FROM recommend_for(4, 3)), 3::bigint, 'n rows');
SELECT is((SELECT count(*) FROM recommend_for(4, 0)), 0::bigint, 'n => 0');
SELECT is((SELECT count(*) FROM recommend_for(4, 1000)), 33::bigint, 'n larger than what there is');
SELECT is((SELECT count(*) FROM recommend_for(4, 2147483647)), 33::bigint, 'n as large as can be');
SELECT is(items(4, 5), (items(4, 33))[:5], 'a shorter answer is the beginning of a longer one');
SELECT ok((SELECT bool_and(score <= before OR before IS NULL) FROM (SELECT score, lag(score) OVER (ORDER BY k) AS before
  FROM recommend_for(4, 33) WITH ORDINALITY AS r(item_id, score, reason, k)) AS r), 'best first');
SELECT is((SELECT array_agg(DISTINCT reason) FROM recommend_for(4, 33)), '{personal}', 'the reason is personal');
SELECT is(share_of_taste(4, 0), 1.0, 'of the taste of user 4');
SELECT is(share_of_taste(5, 1), 1.0, 'of the taste of user 5');
SELECT is((SELECT count(*) FROM recommend_for(4, 33) AS r JOIN likes AS l ON l.user_id = 4 AND l.item_id = r.item_id), 0::bigint, 'nothing seen');
SELECT is((SELECT count(*) FROM recommend_for(4, 1000, exclude_seen => false)), 40::bigint, 'exclude_seen => false: all items');
SELECT ok((SELECT count(*) > 0 FROM recommend_for(4, 5, exclude_seen => false) AS r JOIN likes AS l ON l.user_id = 4 AND l.item_id = r.item_id), 'among them seen ones');
SELECT results_eq('SELECT * FROM recommend_for(4)', 'SELECT * FROM recommend_for(4)', 'the same answer again');
SELECT is((SELECT count(DISTINCT items(4)) FROM generate_series(1, 5)), 1::bigint, 'and again within one statement');
SELECT ok((SELECT bool_and(abs(r.score - predict_rating(4, r.item_id)) < 1e-6) FROM recommend_for(4, 33) AS r), 'scores are those of predict_rating');
SELECT results_eq('SELECT (recommend_for(4)).*', 'SELECT * FROM recommend_for(4)', 'in the list of a SELECT');
SELECT results_eq('SELECT * FROM ROWS FROM (recommend_for(4, 3), generate_series(1, 3)) AS r(item_id, score, reason, k)', 'SELECT *, row_number() OVER ()::int FROM recommend_for(4, 3)', 'beside another function');
SELECT is((SELECT count(*) FROM generate_series(1, 80) AS u, LATERAL recommend_for(u, 4) AS r), 320::bigint, 'LATERAL, for everyone');

-- Freshness: the answer follows the transaction.
CREATE TABLE before AS SELECT items(4) AS items;
BEGIN;
INSERT INTO likes SELECT 4, i, 1 FROM generate_series(21, 39, 2) AS i;
SELECT cmp_ok(share_of_taste(4, 1), '>', 0.3, 'ten choices of the other taste move the answer');
SELECT is((SELECT count(*) FROM recommend_for(4, 40) WHERE item_id IN (21, 39)), 0::bigint, 'and are not recommended any more');
ROLLBACK;
SELECT is(items(4), (SELECT items FROM before), 'ROLLBACK brings the answer back');
BEGIN;
DELETE FROM likes WHERE user_id = 4;
SELECT is((SELECT array_agg(DISTINCT reason) FROM recommend_for(4)), '{popular}', 'a user without ratings gets popular items');
SAVEPOINT s;
INSERT INTO likes VALUES (4, 3, 1), (4, 5, 1);
SELECT is((SELECT array_agg(DISTINCT reason) FROM recommend_for(4)), '{personal}', 'new ratings make it personal');
SELECT is(share_of_taste(4, 1), 1.0, 'and another person''s taste');
ROLLBACK TO s;
SELECT is((SELECT array_agg(DISTINCT reason) FROM recommend_for(4)), '{popular}', 'until the savepoint is rolled back');
UPDATE likes SET user_id = 4 WHERE user_id = 5;
SELECT is(share_of_taste(4, 1), 1.0, 'ratings that change hands');
ROLLBACK;
SELECT is(items(4), (SELECT items FROM before), 'and back again');
INSERT INTO likes VALUES (999, 2, 1), (999, 4, 1), (999, 6, 1);
SELECT is(share_of_taste(999, 0), 1.0, 'a user who came after the training needs no other training');
DELETE FROM likes WHERE user_id = 999;
INSERT INTO likes VALUES (4, 7777, 1);
SELECT is(items(4), (SELECT items FROM before), 'an item that the model does not know changes nothing');
DELETE FROM likes WHERE item_id = 7777;
BEGIN;
INSERT INTO likes VALUES (4, 2, NULL), (4, 3, 'NaN'), (4, NULL, 1), (4, 5, 'Infinity');
SELECT is(items(4, 33), items(4, 33), 'ratings of no value are passed over without an error');
SELECT is(share_of_taste(4, 0), 1.0, 'and say nothing');
ROLLBACK;
BEGIN;
UPDATE likes SET rating = rating * 2;
SELECT is(items(4), (SELECT items FROM before), 'repeats and amounts do not count with binary weighting');
ROLLBACK;

-- Inside a function of the same statement that writes: a volatile caller sees its own rows.
CREATE FUNCTION choose_and_ask(item int) RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO likes VALUES (4, item, 1);
  RETURN count(*) FROM recommend_for(4, 40) AS r WHERE r.item_id = item;
END $$;
BEGIN;
SELECT is((SELECT sum(choose_and_ask(item::int)) FROM unnest((SELECT items FROM before)) AS item), 0::numeric, 'what was just chosen is not recommended');
ROLLBACK;

-- Candidates: the best of them, even where none is among the best of all.
CREATE TABLE ranking AS SELECT r.* FROM recommend_for(4, 40) WITH ORDINALITY AS r(item_id, score, reason, k);
SELECT is(items(4, 3, candidates => (SELECT array_agg(item_id) FROM ranking WHERE k > 25)), (SELECT array_agg(item_id ORDER BY k) FROM ranking WHERE k BETWEEN 26 AND 28),
  'candidates are filtered before the best are taken');
SELECT results_eq('SELECT * FROM recommend_for(4, 40, candidates => (SELECT array_agg(item_id) FROM ranking))', 'SELECT item_id, score, reason FROM ranking ORDER BY k', 'all items as candidates: the same answer');
SELECT is(items(4, candidates => '{}'), '{}', 'no candidates, no rows');
SELECT is(items(4, candidates => '{NULL}'), '{}', 'NULL is no candidate');
SELECT is(items(4, candidates => '{7777,-1,9223372036854775807}'), '{}', 'unknown candidates, no rows');
SELECT is(items(4, candidates => ARRAY[NULL, 7777, (SELECT items[1] FROM before), NULL, (SELECT items[1] FROM before)]), (SELECT items[:1] FROM before), 'among NULLs, repeats and unknown ones');
SELECT is(items(4, candidates => (SELECT array_agg(item_id) FROM likes WHERE user_id = 4)), '{}', 'seen candidates are not recommended');
SELECT is(cardinality(items(4, 40, false, (SELECT array_agg(item_id) FROM likes WHERE user_id = 4))), 7, 'unless exclude_seen is false');
SELECT is(items(4, candidates => '{{2,3},{4,5}}'), items(4, candidates => '{2,3,4,5}'), 'an array of arrays is its elements');
SELECT is((SELECT count(*) FROM recommend_for(4, 40, candidates => ARRAY(SELECT i::bigint FROM generate_series(1, 100000) AS i))), (SELECT count(*) FROM ranking WHERE item_id > 0), 'a hundred thousand candidates');

-- Nobody in particular.
SELECT results_eq('SELECT item_id FROM recommend_for(7777, 5)', 'SELECT item_id FROM popular_items(5)', 'an unknown user gets popular items');
SELECT results_eq('SELECT item_id, score FROM recommend_for(NULL::bigint, 5)', 'SELECT item_id, score FROM popular_items(5)', 'so does no user');
SELECT is((SELECT array_agg(DISTINCT reason) FROM recommend_for(7777)), '{popular}', 'and is told');
SELECT is(items(7777, 2), '{0,1}', 'the most popular items first');
SELECT is(items(7777, 2, candidates => '{NULL,7777,11,1}'), '{1,11}', 'popular candidates');
SELECT is(items(7777, 2, candidates => '{}'), '{}', 'no popular candidates');
SELECT is(cardinality(items(7777, 2147483647)), 40, 'all popular items');

-- Bad arguments.
SELECT throws_ok('SELECT recommend_for(4, -1)', '22023', 'n is -1', 'n => -1');
SELECT throws_ok('SELECT recommend_for(4, NULL)', '22004', 'n must not be NULL', 'n => NULL');
SELECT throws_ok('SELECT recommend_for(4, exclude_seen => NULL)', '22004', 'exclude_seen must not be NULL', 'exclude_seen => NULL');
SELECT throws_ok('SELECT recommend_for(4, model => NULL)', '22004', 'model must not be NULL', 'model => NULL');
SELECT matches(try('SELECT recommend_for(4, 3, NULL::text)'), '^22004: model must not be NULL \(Give the name of a model\. .* recommend_for\(user_id::text, n, model\)\.\)$', 'a NULL of type text names no item type');
SELECT throws_ok($$SELECT recommend_for(4, model => 'Default')$$, '42704', 'model "Default" does not exist', 'unknown model');
SELECT throws_ok('SELECT recommend_for(4.5)', '42883', NULL, 'a user id with a fraction');
SELECT throws_ok('SELECT recommend_for(4, 2147483648)', '42883', NULL, 'n too large for its type');
SELECT throws_ok($$SELECT recommend_for('four')$$, '22P02', 'user id "four" is not an integer', 'a text that is no id of the model');

-- Dislikes are seen and lead away.
CREATE TABLE opinions AS SELECT user_id, item_id, 5 AS rating FROM likes UNION ALL SELECT 4, 8 + 2 * k, 1 FROM generate_series(0, 2) AS k;
CREATE TABLE opinions_of_4 AS SELECT item_id, min(rating) AS rating FROM opinions WHERE user_id = 4 GROUP BY item_id;
SELECT count(*) AS trained FROM train_mf('opinions', 'opinions', factors => 2, positive_from => 3) \gset
SELECT is((SELECT count(*) FROM recommend_for(4, 40, 'opinions') AS r JOIN opinions_of_4 USING (item_id)), 0::bigint, 'what is disliked is not recommended');
INSERT INTO opinions SELECT 500, item_id, 1 FROM (SELECT DISTINCT item_id FROM opinions WHERE item_id % 2 = 0 LIMIT 8) AS i;
SELECT isnt((SELECT array_agg(reason) FROM recommend_for(500, 1, 'opinions')), NULL, 'one who dislikes everything gets an answer');

-- Explicit: predictions of what they would rate, in the scale of the ratings.
CREATE TABLE stars AS SELECT u AS user_id, i AS item_id, CASE WHEN u % 2 = i % 2 THEN 5 ELSE 1 END - (i % 3) * 0.1 AS rating
  FROM generate_series(1, 30) AS u, generate_series(0, 19) AS i WHERE (u * 7 + i * 5) % 3 > 0;
SELECT count(*) AS trained FROM train_mf('stars', 'stars', factors => 2, feedback => 'explicit') \gset
SELECT is((SELECT avg((item_id % 2 = 0)::int) FROM recommend_for(2, 3, 'stars')), 1.0, 'explicit: best rated items of their taste');
SELECT cmp_ok((SELECT min(score) FROM recommend_for(2, 3, 'stars')), '>', 4::real, 'explicit: scores are ratings');

-- fold_in => false: what the training stored.
SELECT count(*) AS trained FROM train_mf('likes', 'stored', factors => 2, fold_in => false) \gset
BEGIN;
CREATE TABLE stored_before AS SELECT * FROM recommend_for(4, 10, 'stored');
INSERT INTO likes SELECT 4, i, 1 FROM generate_series(21, 39, 2) AS i;
SELECT results_eq($$SELECT * FROM recommend_for(4, 10, 'stored')$$, 'SELECT * FROM stored_before', 'fold_in => false does not look at new ratings');
SELECT is((SELECT array_agg(DISTINCT reason) FROM recommend_for(999, 10, 'stored')), '{popular}', 'nor at new users');
ROLLBACK;
SELECT is((SELECT count(*) FROM recommend_for(4, 40, 'stored') AS r JOIN likes AS l ON l.user_id = 4 AND l.item_id = r.item_id), 0::bigint, 'what was seen at training is excluded');

-- The source changes after the training: renamed, dropped, emptied, with other columns, another table of its name.
CREATE TABLE stored_items AS SELECT * FROM recommend_for(4, 10, 'stored');
BEGIN;
ALTER TABLE likes RENAME TO likes_of_old;
SELECT results_eq('SELECT item_id FROM recommend_for(4)', 'SELECT item_id FROM stored_items', 'renamed: what is stored serves');
SELECT is((SELECT array_agg(DISTINCT reason) FROM recommend_for(4)), '{personal}', 'and is personal');
CREATE VIEW likes AS SELECT * FROM likes_of_old WHERE user_id <> 4;
SELECT is((SELECT array_agg(DISTINCT reason) FROM recommend_for(4)), '{popular}', 'a view in its place is read');
ROLLBACK;
SELECT is(items(4), (SELECT items FROM before), 'and back');
BEGIN;
ALTER TABLE likes RENAME COLUMN rating TO stars;
SELECT results_eq('SELECT item_id FROM recommend_for(4)', 'SELECT item_id FROM stored_items', 'a column renamed: what is stored serves');
ROLLBACK;
BEGIN;
ALTER TABLE likes DROP COLUMN item_id;
SELECT results_eq('SELECT item_id FROM recommend_for(4)', 'SELECT item_id FROM stored_items', 'a column dropped: what is stored serves');
ROLLBACK;
BEGIN;
ALTER TABLE likes ALTER COLUMN user_id TYPE bigint, ALTER COLUMN item_id TYPE smallint, ALTER COLUMN rating TYPE numeric;
SELECT is(items(4), (SELECT items FROM before), 'columns of other types of number: read as before');
ROLLBACK;
BEGIN;
ALTER TABLE likes ALTER COLUMN user_id TYPE text;
SELECT is(items(4), (SELECT items FROM before), 'user ids of another type: as stored at the training');
ROLLBACK;
SELECT is(items(4), (SELECT items FROM before), 'and back');
BEGIN;
TRUNCATE likes;
SELECT is((SELECT array_agg(DISTINCT reason) FROM recommend_for(4)), '{popular}', 'emptied: popular items');
ROLLBACK;
BEGIN;
DROP TABLE likes;
SELECT results_eq('SELECT item_id FROM recommend_for(4)', 'SELECT item_id FROM stored_items', 'dropped: what is stored serves');
CREATE TYPE likes AS (rating int, item_id bigint, user_id bigint);
SELECT results_eq('SELECT item_id FROM recommend_for(4)', 'SELECT item_id FROM stored_items', 'a type of its name is no table');
DROP TYPE likes;
CREATE TABLE likes (rating int, item_id bigint, user_id bigint);
INSERT INTO likes VALUES (1, 3, 4), (1, 5, 4);
SELECT is(share_of_taste(4, 1), 1.0, 'another table of its name is read');
ROLLBACK;
BEGIN;
CREATE SCHEMA elsewhere;
ALTER TABLE likes SET SCHEMA elsewhere;
SELECT results_eq('SELECT item_id FROM recommend_for(4)', 'SELECT item_id FROM stored_items', 'moved to another schema: what is stored serves');
ROLLBACK;
SELECT is(items(4), (SELECT items FROM before), 'and back');

-- With a time column.
CREATE TABLE dated (user_id int, item_id int, rating real, at timestamptz);
CREATE INDEX ON dated (user_id);
INSERT INTO dated SELECT *, '2026-01-01' FROM likes;
SELECT count(*) AS trained FROM train_mf('dated', 'dated', factors => 2, positive_from => 0.5, on_duplicate => 'last', time_column => 'at') \gset
BEGIN;
INSERT INTO dated SELECT user_id, item_id, 0, '2026-01-02' FROM likes WHERE user_id = 4;
INSERT INTO dated VALUES (4, 3, 1, '2026-01-03'), (4, 5, 1, '2026-01-03'), (4, 7, 1, '2026-01-03');
SELECT is((SELECT avg((item_id % 2 = 1)::int) FROM recommend_for(4, 5, 'dated')), 1.0, 'what was last thought of an item counts');
UPDATE dated SET at = '2025-01-01' WHERE rating = 0;
DELETE FROM dated WHERE at = '2026-01-03';
SELECT is((SELECT avg((item_id % 2 = 0)::int) FROM recommend_for(4, 5, 'dated')), 1.0, 'and not what was thought before');
ALTER TABLE dated ALTER COLUMN at TYPE bigint USING extract(epoch FROM at);
SELECT is((SELECT avg((item_id % 2 = 0)::int) FROM recommend_for(4, 5, 'dated')), 1.0, 'a time column of another type');
ROLLBACK;

-- Read-only transactions, prepared statements.
BEGIN READ ONLY;
SELECT is(items(4), (SELECT items FROM before), 'in a read-only transaction');
ROLLBACK;
BEGIN ISOLATION LEVEL SERIALIZABLE READ ONLY DEFERRABLE;
SELECT is(items(4), (SELECT items FROM before), 'in a serializable, deferrable one');
ROLLBACK;
CREATE TABLE asked (items bigint[]);
INSERT INTO asked SELECT items(4);
PREPARE ask_into(bigint) AS INSERT INTO asked SELECT array_agg(item_id) FROM recommend_for($1);
EXECUTE ask_into(4);
EXECUTE ask_into(4);
EXECUTE ask_into(4);
EXECUTE ask_into(4);
EXECUTE ask_into(4);
EXECUTE ask_into(4);
EXECUTE ask_into(4);
SELECT is((SELECT count(DISTINCT items) FROM asked), 1::bigint, 'a prepared statement, custom and generic');
SELECT * FROM finish();
