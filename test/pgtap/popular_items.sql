-- popular_items: how many users of the training, or of a segment, chose an item.
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

-- Of a segment: users 1 to 12 spend little, 13 to 18 much; 99 has no ratings, 100 is nobody's.
\ir ../include/try.sql
CREATE TABLE customer (id int, spend float8, secret text);
INSERT INTO customer SELECT k, CASE WHEN k <= 12 THEN 10 ELSE 90 END + k % 3, 'x' FROM generate_series(1, 18) AS k;
INSERT INTO customer VALUES (99, 95, 'x'), (NULL, 95, 'x'), (100, NULL, 'x');
CREATE VIEW shopper AS SELECT id, spend FROM customer WHERE spend IS NOT NULL;
SELECT count(*) FROM train_kmeans('shopper', '{spend}', 2, 'customers', key_column => 'id') \gset trained_
CREATE TABLE bought (user_id int, item_id int, rating real, at timestamptz DEFAULT '2026-01-01');
INSERT INTO bought (user_id, item_id, rating) SELECT u, 1, 5 FROM generate_series(1, 12) AS u UNION ALL SELECT u, 2, 5 FROM generate_series(10, 18) AS u
  UNION ALL SELECT u, 3, 1 FROM generate_series(1, 18) AS u UNION ALL SELECT u, 4, 5 FROM generate_series(13, 15) AS u UNION ALL SELECT 200, 5, 5;
SELECT count(*) FROM train_mf('bought', factors => 1, iterations => 1, positive_from => 3) \gset trained_
SELECT train_mf('bought', 'everything', factors => 1, iterations => 1);
SELECT train_mf('bought', 'stars', factors => 1, iterations => 1, feedback => 'explicit');
SELECT train_knn('bought', 'near', positive_from => 3);
SELECT train_hybrid('{default,near}', model => 'both');
-- By brute force: the users of a segment who like each item, of equally liked ones first what everyone likes more.
CREATE FUNCTION by_hand(part int, likes_from real) RETURNS TABLE (item_id bigint, score real) LANGUAGE sql AS $$
  SELECT i, count(DISTINCT user_id) FILTER (WHERE segment_of(user_id, 'customers') = part AND rating >= likes_from)::real
    FROM (SELECT user_id, bought.item_id AS i, rating FROM bought) AS b WHERE i < 6 GROUP BY i
   ORDER BY 2 DESC, count(DISTINCT user_id) FILTER (WHERE rating >= likes_from) DESC, i $$;
SELECT results_eq(format('SELECT * FROM popular_items(10, %L, segment => %s, segments => ''customers'')', m, s), format('SELECT * FROM by_hand(%s, %s)', s, f), format('%s, segment %s', m, s))
  FROM generate_series(1, 2) AS s, (VALUES ('default', 3), ('near', 3), ('both', 3), ('everything', 0), ('stars', 0)) AS t(m, f);
SELECT results_eq($$SELECT * FROM popular_items(2, segment => 2, segments => 'customers')$$, 'VALUES (2::bigint, 6::real), (4, 3)', 'n items of a segment');
SELECT results_eq($$SELECT * FROM popular_items(segments => 'customers', segment => 2, n => 1)$$, 'VALUES (2::bigint, 6::real)', 'named in any order');
SELECT results_eq($$SELECT * FROM popular_items(1, 'default', NULL::bigint, 2, 'customers')$$, 'VALUES (2::bigint, 6::real)', 'with a witness');
SELECT results_eq($$SELECT * FROM popular_items(1, 'default', NULL::text, segments => 'customers', segment => 2)$$, $$VALUES ('2', 6::real)$$, 'and names after it');
SELECT is(try($$SELECT * FROM popular_items(1, 'default', segment => 2, segments => 'customers', item_type => NULL::bigint)$$) ~ '^(done|42804)', true, 'a witness that is named does no harm');
SELECT is(try($$SELECT * FROM popular_items(3, 'default', NULL, 'customers')$$), 'done', 'untyped literals: a segment and its model');
SELECT results_eq($$SELECT * FROM popular_items(1, 'default', '2', 'customers')$$, 'VALUES (2::bigint, 6::real)', 'an untyped segment');
SELECT results_eq($$SELECT * FROM popular_items(10, segment => segment_of(100, 'customers'), segments => 'customers')$$, 'SELECT * FROM popular_items(10)', 'in no segment: what everyone likes');
SELECT results_eq($$SELECT * FROM popular_items(10, segment => NULL, segments => 'no such model')$$, 'SELECT * FROM popular_items(10)', 'no segment, no model of them');

SELECT results_eq($$SELECT p.segment, f.* FROM segment_profile('customers') AS p, popular_items(1, 'default', p.segment, 'customers') AS f$$, 'VALUES (1, 1::bigint, 12::real), (2, 2, 6)', 'for each segment');

-- Ratings and customers count as they are now; each pair once, or by its latest rating.
BEGIN;
INSERT INTO bought (user_id, item_id, rating) VALUES (16, 4, 5), (16, 4, 5), (17, 4, 5), (18, 4, 5), (99, 4, 5), (14, 77, 5), (NULL, 4, 5), (15, NULL, 5);
SELECT results_eq($$SELECT * FROM popular_items(2, segment => 2, segments => 'customers')$$, 'VALUES (4::bigint, 7::real), (2, 6)', 'new ratings count, also of new users; unknown items do not');
UPDATE customer SET spend = 10 WHERE id BETWEEN 13 AND 17;
SELECT results_eq($$SELECT * FROM popular_items(2, segment => 2, segments => 'customers')$$, 'VALUES (4::bigint, 2::real), (2, 1)', 'customers who have moved');
ROLLBACK;
SELECT train_mf('bought', 'latest', factors => 1, iterations => 1, positive_from => 3, on_duplicate => 'last', time_column => 'at');
INSERT INTO bought VALUES (13, 2, 1, '2026-02-01'), (14, 2, 1, '2025-02-01');
SELECT results_eq($$SELECT * FROM popular_items(1, 'latest', segment => 2, segments => 'customers')$$, 'VALUES (2::bigint, 5::real)', 'the latest rating counts');

-- Wrong segments and models.
SELECT is(try(format('SELECT popular_items(5, segment => %s, segments => ''customers'')', s)), format('22023: segment is %s, and model "customers" has 1 to 2 (segment_profile() shows its segments; NULL asks for what is popular with everyone.)', s), 'segment ' || s)
  FROM unnest('{0,3,-1,2147483647}'::int[]) AS s;
SELECT is(try($$SELECT popular_items(5, segment => 1)$$) LIKE '42704: model "segments" does not exist%', true, 'no such segments');
SELECT is(try($$SELECT popular_items(5, segment => 1, segments => 'default')$$) LIKE '42809: model "default" holds no segments%', true, 'a model that has none');
SELECT is(try($$SELECT popular_items(5, segment => 1, segments => NULL)$$), '22004: segments must not be NULL', 'segments => NULL');
SELECT train_dbscan('shopper', '{spend}', 1e-9, 10, 'noise', scale => 'none', key_column => 'id');
SELECT is(try($$SELECT popular_items(5, segment => 1, segments => 'noise')$$) LIKE '22023: segment is 1, and model "noise" has none%', true, 'nothing but noise');
SELECT train_dbscan('shopper', '{spend}', 2, 10, 'dense', scale => 'none', key_column => 'id');
SELECT results_eq($$SELECT * FROM popular_items(10, segment => 1, segments => 'dense')$$, 'SELECT * FROM by_hand(1, 3)', 'DBSCAN');
SELECT train_kmeans('shopper', '{spend}', 2, 'keyless');
SELECT is(try($$SELECT popular_items(5, segment => 1, segments => 'keyless')$$) LIKE '55000: model "keyless" was trained without a key (Train it with key_column%', true, 'without a key');
CREATE VIEW named AS SELECT 'c' || id AS id, spend FROM shopper;
SELECT train_kmeans('named', '{spend}', 2, 'named', key_column => 'id');
SELECT is(try($$SELECT popular_items(5, segment => 1, segments => 'named')$$), '42804: users have ids of type bigint, the rows of model "named" keys of type text (Train the segments on a view that casts the key.)', 'keys that are no users');

-- Rights: both tables are read as the caller.
SELECT 'p_' || substr(md5(current_database() || pg_backend_pid()), 1, 8) AS r \gset
CREATE ROLE :"r";
SELECT grant_model(m, :'r') FROM unnest('{default,customers}'::text[]) AS m;
SET ROLE :"r";
SELECT results_eq('SELECT * FROM popular_items(1)', 'VALUES (1::bigint, 12::real)', 'without a segment no table is read');
SELECT is(try($$SELECT popular_items(1, segment => 2, segments => 'customers')$$), '42501: permission denied for view shopper', 'customers are read as the caller');
RESET ROLE;
GRANT SELECT ON shopper TO :"r";
SET ROLE :"r";
SELECT is(try($$SELECT popular_items(1, segment => 2, segments => 'customers')$$), '42501: permission denied for table bought', 'ratings, too');
RESET ROLE;
GRANT SELECT (user_id, item_id, rating) ON bought TO :"r";
ALTER TABLE bought ENABLE ROW LEVEL SECURITY;
CREATE POLICY most ON bought TO :"r" USING (user_id <> 13);
SET ROLE :"r";
SELECT results_eq($$SELECT * FROM popular_items(2, segment => 2, segments => 'customers')$$, 'VALUES (2::bigint, 5::real), (4, 2)', 'rows that one may not see do not count');
RESET ROLE;
DROP OWNED BY :"r";
DROP ROLE :"r";
SET personalize.max_memory = '1MB';
CREATE TABLE many AS SELECT id FROM generate_series(1, 300000) AS id;
SELECT is(try($$SELECT popular_items(1, segment => 2, segments => 'customers')$$), 'done', 'little memory is enough');
INSERT INTO customer SELECT id + 1000, 95, 'x' FROM many;
SELECT is(try($$SELECT popular_items(1, segment => 2, segments => 'customers')$$) LIKE '53400: %limit is 1 MB%', true, 'more than there is is refused');
RESET personalize.max_memory;
ALTER TABLE bought RENAME rating TO stars;
SELECT is(try($$SELECT popular_items(1, segment => 2, segments => 'customers')$$) LIKE '42703: relation public.bought has no column "rating"%', true, 'a column that has gone');
ALTER TABLE bought RENAME TO sold;
SELECT is(try($$SELECT popular_items(1, segment => 2, segments => 'customers')$$) LIKE '42P01: the source of model "default" cannot be read: public.bought (%', true, 'ratings that have gone');
SELECT * FROM finish();
