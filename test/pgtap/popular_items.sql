-- popular_items: how many users of the training chose an item.
SET client_min_messages = warning;
SELECT no_plan();
CREATE TABLE likes (user_id int, item_id int, rating real);
INSERT INTO likes SELECT u, i, 5 FROM generate_series(1, 5) AS i, generate_series(1, i * 2) AS u;
INSERT INTO likes SELECT u, 6, 1 FROM generate_series(1, 20) AS u;                      -- everyone dislikes it
INSERT INTO likes SELECT 1, 1, 5 FROM generate_series(1, 100);                          -- one user, many times
INSERT INTO likes VALUES (1, 7, 5), (2, 7, 5), (3, 8, 5), (4, 8, 5);                    -- a tie with item 1
SELECT count(*) FROM train_mf('likes', 'all', factors => 1, iterations => 1) \gset trained_
SELECT count(*) FROM train_mf('likes', 'liked', factors => 1, iterations => 1, positive_from => 3) \gset trained_
SELECT count(*) FROM train_mf('likes', 'rated', factors => 1, iterations => 1, feedback => 'explicit') \gset trained_
SELECT results_eq($$SELECT * FROM popular_items(100, 'all')$$, 'VALUES (6::bigint, 20::real), (5, 10), (4, 8), (3, 6), (2, 4), (1, 2), (7, 2), (8, 2)', 'users, not rows; ties by id');
SELECT results_eq($$SELECT * FROM popular_items(100, 'liked')$$, 'VALUES (5::bigint, 10::real), (4, 8), (3, 6), (2, 4), (1, 2), (7, 2), (8, 2), (6, 0)', 'dislikes do not count');
SELECT results_eq($$SELECT * FROM popular_items(100, 'rated')$$, $$SELECT * FROM popular_items(100, 'all')$$, 'explicit: who rated it');
SELECT results_eq($$SELECT * FROM popular_items(2, 'all')$$, 'VALUES (6::bigint, 20::real), (5, 10)', 'n items');
SELECT results_eq($$SELECT * FROM popular_items(2, 'all', NULL::text)$$, $$VALUES ('6', 20::real), ('5', 10)$$, 'as text');
SELECT is((SELECT count(*) FROM popular_items(model => 'all')), 8::bigint, 'ten by default, or what there is');
SELECT is_empty($$SELECT * FROM popular_items(0, 'all')$$, 'none');
DELETE FROM likes;
SELECT results_eq($$SELECT * FROM popular_items(2, 'all')$$, 'VALUES (6::bigint, 20::real), (5, 10)', 'as at the training');
SELECT throws_ok($$SELECT popular_items(-1, 'all')$$, '22023', 'n is -1', 'n => -1');
SELECT throws_ok('SELECT popular_items(1)', '42704', 'model "default" does not exist', 'unknown model');
SELECT * FROM finish();
