-- in_holdout: train and test views of one table.
SET client_min_messages = warning;
SELECT no_plan();

CREATE TABLE ratings (user_id int, item_id text, rating real);
INSERT INTO ratings SELECT u, 'item ' || i, 1 + (u * i) % 5 FROM generate_series(1, 300) AS u, generate_series(1, 200) AS i WHERE (u * 7 + i * 3) % 10 = 0;
INSERT INTO ratings VALUES (NULL, 'item 1', 1), (1, NULL, 1), (NULL, NULL, 1);
CREATE VIEW train AS SELECT * FROM ratings WHERE NOT in_holdout(user_id, item_id, .1);
CREATE VIEW test AS SELECT * FROM ratings WHERE in_holdout(user_id, item_id, .1);
SELECT is((SELECT count(*) FROM train JOIN test USING (user_id, item_id)), 0::bigint, 'train and test are disjoint');
SELECT set_eq('SELECT * FROM train UNION ALL SELECT * FROM test', 'SELECT * FROM ratings WHERE user_id IS NOT NULL AND item_id IS NOT NULL', 'and complete, but for NULL ids');
SELECT is((SELECT count(*) FROM train) + (SELECT count(*) FROM test), (SELECT count(*) - 3 FROM ratings), 'each row in one of them');
SELECT cmp_ok((SELECT abs(count(*) - 600) FROM test), '<', 120::bigint, 'of 6000 rows a tenth is for the test');

-- Pairs stay where they are.
CREATE TABLE before AS SELECT * FROM test;
DELETE FROM ratings WHERE user_id % 3 = 0;
INSERT INTO ratings SELECT u, 'item ' || i, 5 FROM generate_series(301, 400) AS u, generate_series(1, 20) AS i;
SELECT set_eq('SELECT * FROM test WHERE user_id <= 300', 'SELECT * FROM before WHERE user_id % 3 <> 0', 'whatever rows come and go');
INSERT INTO ratings SELECT * FROM before LIMIT 10;
SELECT is((SELECT count(*) FROM train JOIN test USING (user_id, item_id)), 0::bigint, 'a repeated pair is in the same part');

-- Three parts of one seed, because holdouts are nested.
SELECT is((SELECT count(*) FROM ratings WHERE in_holdout(user_id, item_id, .1) AND NOT in_holdout(user_id, item_id, .2)
                OR NOT in_holdout(user_id, item_id, .1) AND in_holdout(user_id, item_id, .1, 0)), (SELECT count(*) FROM ratings WHERE false), 'what is in a tenth is in a fifth');
SELECT is((SELECT count(*) FROM ratings WHERE in_holdout(user_id, item_id, .2) AND NOT in_holdout(user_id, item_id, .1)),
          (SELECT count(*) FROM ratings WHERE in_holdout(user_id, item_id, .2)) - (SELECT count(*) FROM ratings WHERE in_holdout(user_id, item_id, .1)), 'validation is what the fifth has more');

-- Shares of each seed, and of both of two seeds.
CREATE VIEW pairs AS SELECT u, i FROM generate_series(1, 200) AS u, generate_series(1, 200) AS i;
SELECT cmp_ok(abs(count(*) FILTER (WHERE in_holdout(u, i, .3, seed)) - 12000), '<', 500::bigint, 'the share of seed ' || seed)
  FROM pairs, unnest('{0,1,-1,9223372036854775807,-9223372036854775808}'::bigint[]) AS seed GROUP BY seed;
SELECT cmp_ok(abs(count(*) FILTER (WHERE in_holdout(u, i, .3) AND in_holdout(u, i, .3, seed)) - 3600), '<', 300::bigint, 'seed ' || seed || ' knows nothing of seed 0')
  FROM pairs, unnest('{1,2,-1}'::bigint[]) AS seed GROUP BY seed;
SELECT cmp_ok(abs(count(*) FILTER (WHERE in_holdout(u, i, .5) = in_holdout(i, u, .5) AND u <> i) - 19900), '<', 500::bigint, 'user and item are not exchanged') FROM pairs;

-- A million rows take a tenth of a second; the limit leaves room for a busy machine.
CREATE TABLE many AS SELECT u AS user_id, i AS item_id FROM generate_series(1, 1000) AS u, generate_series(1, 1000) AS i;
CREATE FUNCTION seconds(query text) RETURNS float8 LANGUAGE plpgsql AS $$
DECLARE
  start timestamptz := clock_timestamp();
BEGIN
  EXECUTE query;
  RETURN extract(epoch FROM clock_timestamp() - start);
END $$;
SELECT cmp_ok(seconds('SELECT count(*) FROM many WHERE in_holdout(user_id, item_id, .1)'), '<', 5::float8, 'a million rows');

-- A model of the train view, measured on the test view.
SELECT lives_ok($$SELECT train_mf('train', 'half', feedback => 'explicit', factors => 2, iterations => 3)$$, 'a model is trained on the view');
SELECT cmp_ok((SELECT rmse(predict_rating(user_id::text, item_id, 'half'), rating) FROM test), '<', 4::float8, 'and its error is measured on the other');
SELECT lives_ok($$SELECT train_mf('train', 'likes', rating_column => NULL, factors => 8)$$, 'so is one that ranks');
CREATE FUNCTION evaluation() RETURNS TABLE (users bigint, ndcg float8, recall float8) LANGUAGE sql AS $$
  SELECT count(*), avg(ndcg_at(r.items, t.items, 10)), avg(recall_at(r.items, t.items, 10))
    FROM (SELECT user_id, array_agg(item_id) AS items FROM test GROUP BY user_id) AS t
    LEFT JOIN (SELECT user_id, array_agg(item_id ORDER BY rank) AS items FROM recommend_all(10, 'likes', NULL::bigint, NULL::text) GROUP BY user_id) AS r
    USING (user_id)
$$;
-- Who likes what follows from last digits: of 200 items a user likes 20, all but two of them seen.
SELECT is(users, (SELECT count(DISTINCT user_id) FROM test), 'all users of the test view are in the mean') FROM evaluation();
SELECT cmp_ok(recall, '>', .8::float8, 'and most held-out items are found') FROM evaluation();
SELECT ok(ndcg > .5 AND ndcg <= 1, 'near the top') FROM evaluation();

-- By everyone, in parallel.
SELECT 'h_' || substr(md5(current_database() || pg_backend_pid()), 1, 8) AS role \gset
CREATE ROLE :"role";
GRANT SELECT ON many TO :"role";
SET ROLE :"role";
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SELECT is((SELECT count(*) FROM many WHERE in_holdout(user_id, item_id, .1)), 100082::bigint, 'by everyone, and in parallel');
RESET ROLE;
DROP OWNED BY :"role";
DROP ROLE :"role";

SELECT * FROM finish();
