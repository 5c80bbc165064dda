-- half_life: ratings that count less the older they are, in training and in serving.
SET client_min_messages = warning;
SELECT no_plan();
\ir ../include/try.sql

-- Items 1 to 6 go together, and so do 11 to 16. User 1 liked 1 and 2 long ago, 11 and 12 now; user 2 the other way round.
CREATE TABLE likes (user_id int, item_id int, at timestamptz);
INSERT INTO likes SELECT u, 10 * (u % 2) + i, '2026-01-01' FROM generate_series(10, 49) AS u, generate_series(1, 6) AS i WHERE (u + i) % 3 > 0;
INSERT INTO likes VALUES (1, 1, '2025-10-03'), (1, 2, '2025-10-03'), (1, 11, '2026-01-01'), (1, 12, '2026-01-01'),
                         (2, 1, '2026-01-01'), (2, 2, '2026-01-01'), (2, 11, '2025-10-03'), (2, 12, '2025-10-03');
CREATE INDEX ON likes (user_id) INCLUDE (item_id, at);
CREATE FUNCTION new_share(u int, m text) RETURNS float8 LANGUAGE sql AS $$
  SELECT avg((item_id > 10)::int) FROM recommend_for(u, 4, m)
$$;
CREATE FUNCTION trained(statement text) RETURNS void LANGUAGE plpgsql AS $$ BEGIN EXECUTE statement; END $$;
SELECT trained(format('SELECT train_%s(''likes'', %L, rating_column => NULL, time_column => ''at'', half_life => ''30 days''%s)', t.kind, t.kind, t.own))
  FROM (VALUES ('mf', ', factors => 4'), ('knn', ''), ('ease', '')) AS t(kind, own);
SELECT is(new_share(1, m), 1::float8, m || ': what was liked lately counts') FROM unnest('{mf,knn,ease}'::text[]) AS m;
SELECT is(new_share(2, m), 0::float8, m || ': for everyone') FROM unnest('{mf,knn,ease}'::text[]) AS m;
SELECT results_eq(format('SELECT u::bigint, r.item_id, r.score FROM unnest(''{1,2,10,11}''::int[]) AS u, recommend_for(u, 3, %L) AS r ORDER BY 1, 3 DESC, 2', m),
  format('SELECT user_id, item_id, score FROM recommend_all(3, %L) WHERE user_id IN (1, 2, 10, 11) ORDER BY 1, 3 DESC, 2', m), m || ': stored and current tastes agree')
  FROM unnest('{knn,ease}'::text[]) AS m;
SELECT ok((SELECT max(abs(a.score - r.score)) < 1e-4 FROM recommend_all(3, 'mf') AS a, recommend_for(a.user_id, 3, 'mf') AS r WHERE a.item_id = r.item_id), 'mf: stored and current tastes agree');
SELECT is((SELECT (options->>'half_life')::float8 FROM personalize.models WHERE model = 'mf'), 30 * 86400::float8, 'it is reported in seconds');

-- The weights themselves: neighbours of the old likes, at 90 days three half-lives, count an eighth.
SELECT train_knn('likes', 'plain', rating_column => NULL, neighbors => 100, similarity => 'cooccurrence');
SELECT train_knn('likes', 'aged', rating_column => NULL, neighbors => 100, similarity => 'cooccurrence', time_column => 'at', half_life => '30 days');
SELECT ok(abs(predict_rating(1, 4, 'aged') / predict_rating(1, 4, 'plain') - 0.125) < 1e-6, 'three half-lives leave an eighth');
SELECT is(predict_rating(1, 14, 'aged'), predict_rating(1, 14, 'plain'), 'the newest count in full');
-- Current ratings: a like that is newer than the training counts in full; a time that is not known, next to nothing.
INSERT INTO likes VALUES (1, 3, '2027-01-01'), (3, 1, NULL), (3, 11, '2025-12-02');
SELECT is(new_share(1, 'aged') < 1, true, 'a new like counts at once');
SELECT is((SELECT array_agg(DISTINCT item_id > 10) FROM recommend_for(3, 3, 'aged')), '{t}', 'a like without a time is the oldest');
SELECT ok((SELECT max(abs(r.score - (SELECT sum(contribution) FROM explain_recommendation(1, r.item_id, 50, m)))) < 1e-4
             FROM recommend_for(1, 4, m) AS r WHERE reason = 'personal'), m || ': explanations add up') FROM unnest('{mf,knn,ease,aged}'::text[]) AS m;

-- A holdout, folds and a hybrid keep it.
SELECT train_mf('likes', 'held', rating_column => NULL, factors => 4, time_column => 'at', half_life => '30 days', holdout => 0.2);
SELECT is(new_share(2, 'held') < 0.5, true, 'a model trained beside a holdout knows of age');
SELECT isnt_empty($$SELECT * FROM cross_validate('likes', 'train_knn', '{"rating_column": null, "time_column": "at", "half_life": "30 days"}', folds => 2)$$, 'folds');
SELECT train_hybrid('{mf,knn}', model => 'both');
SELECT is(new_share(2, 'both'), 0::float8, 'a hybrid of models that know of age');
-- Numbers as times are seconds.
CREATE VIEW seconds AS SELECT user_id, item_id, extract(epoch FROM at) AS at FROM likes WHERE user_id <> 3 AND at < '2027-01-01';
SELECT train_knn('seconds', 'seconds', rating_column => NULL, neighbors => 100, similarity => 'cooccurrence', time_column => 'at', half_life => '30 days');
SELECT is(predict_rating(1, 14, 'seconds'), predict_rating(1, 14, 'aged') - coalesce((SELECT contribution FROM explain_recommendation(1, 14, 50, 'aged') WHERE because_of = 3), 0), 'a time column of numbers');

SELECT is(try($$SELECT train_mf('likes', rating_column => NULL, half_life => '30 days')$$), '22023: half_life needs a time column (Name it with time_column => ''...''.)', 'no time column');
SELECT is(try(format('SELECT train_mf(''likes'', rating_column => NULL, time_column => ''at'', half_life => %L)', h)) LIKE '22023: half_life is % seconds (Give an interval above 0, up to 1e9 seconds (31 years), or NULL for none.)', true, h)
  FROM unnest('{0,-1 day,100 years}'::text[]) AS h;
CREATE TABLE stars AS SELECT *, 3 AS rating FROM likes;
SELECT is(try($$SELECT train_mf('stars', feedback => 'explicit', time_column => 'at', half_life => '30 days')$$),
  '22023: half_life does not apply to explicit feedback (Leave it out, or use feedback => ''implicit''.)', 'explicit feedback');
SELECT * FROM finish();
