-- train_hybrid: models that are there, blended into one.
SET client_min_messages = warning;
SELECT no_plan();
\ir ../include/stars.sql
\ir ../include/try.sql

-- Two groups; item 1000 is known to one model only.
CREATE TABLE likes AS
  SELECT u AS user_id, i AS item_id FROM generate_series(1, 60) AS u, generate_series(1, 20) AS i WHERE i % 2 = u % 2 AND (u * 7 + i * 3) % 4 > 0;
CREATE INDEX ON likes (user_id) INCLUDE (item_id);
SELECT train_mf('likes', 'mf', rating_column => NULL, factors => 4);
SELECT train_knn('likes', 'knn', rating_column => NULL, neighbors => 5);
INSERT INTO likes SELECT u, 1000 FROM generate_series(1, 9, 2) AS u;
SELECT train_knn('likes', 'newer', rating_column => NULL, neighbors => 5);

SELECT results_eq($$SELECT model, version, algorithm, users, items, iterations, loss FROM train_hybrid('{mf,newer}', model => 'both')$$,
  $$VALUES ('both', 1, 'hybrid', 60::bigint, 21::bigint, 0, NULL::float8)$$, 'users and items of all components');
SELECT is((SELECT options FROM personalize.models WHERE model = 'both'),
  '{"components": [{"model": "mf", "version": 1, "weight": 0.5}, {"model": "newer", "version": 1, "weight": 0.5}]}'::jsonb, 'weights are equal unless they are given');
SELECT is((SELECT source FROM personalize.models WHERE model = 'both'), 'public.likes', 'it reads what its components read');
SELECT is((SELECT ratings FROM personalize.models WHERE model = 'both'), (SELECT count(*) FROM likes), 'ratings are those of all components');

-- Scores by their definition: z-scores over the items that a component knows, of the components' own predictions;
-- those of neighbours keep their 0, by which they say nothing.
CREATE FUNCTION expected(u int, first real, second real) RETURNS TABLE (item_id bigint, score float8) LANGUAGE sql AS $$
  WITH one AS (SELECT i, predict_rating(u, i, 'mf')::float8 AS s FROM generate_series(1, 20) AS i),
       two AS (SELECT i, predict_rating(u, i, 'newer')::float8 AS s FROM (SELECT generate_series(1, 20) UNION ALL SELECT 1000) AS t(i))
  SELECT two.i, coalesce(first * (one.s - (SELECT avg(s) FROM one)) / (SELECT stddev_pop(s) FROM one), 0) + second * two.s / (SELECT stddev_pop(s) FROM two)
    FROM two LEFT JOIN one USING (i)
$$;
SELECT ok((SELECT max(abs(predict_rating(u, e.item_id, 'both') - e.score)) < 1e-4 FROM generate_series(1, 60) AS u, expected(u, 0.5, 0.5) AS e),
  'scores are weighted z-scores');
SELECT train_hybrid('{mf,newer}', '{0.9,0.3}', 'both');
SELECT ok((SELECT max(abs(predict_rating(u, e.item_id, 'both') - e.score)) < 1e-4 FROM generate_series(1, 60) AS u, expected(u, 0.9, 0.3) AS e),
  'with the weights that are given');
SELECT results_eq($$SELECT u::bigint, r.item_id, r.score FROM generate_series(1, 60) AS u, recommend_for(u, 5, 'both') AS r ORDER BY u, r.score DESC, r.item_id$$,
  $$SELECT user_id, item_id, score FROM recommend_all(5, 'both') ORDER BY user_id, score DESC, item_id$$, 'recommend_all answers as recommend_for');
SELECT bag_eq($$SELECT c.item_id, c.score FROM recommend_for(3, 3, 'both', candidates => '{1,2,5,7,1000}') AS c$$,
  $$SELECT i::bigint, predict_rating(3, i, 'both') FROM unnest('{1,2,5,7,1000}'::int[]) AS i WHERE i NOT IN (SELECT item_id FROM likes WHERE user_id = 3) ORDER BY 2 DESC LIMIT 3$$,
  'candidates are ranked by the same scores');
SELECT set_eq($$SELECT DISTINCT reason FROM generate_series(1, 60) AS u, recommend_for(u, 9, 'both', exclude_seen => false) WHERE item_id < 1000$$,
  $$VALUES ('personal (mf)'), ('personal (newer)')$$, 'the reason says which component speaks');
SELECT bag_eq($$SELECT DISTINCT u % 2 AS taste, score <> 0 AS spoken, reason FROM generate_series(1, 60) AS u, recommend_for(u, 21, 'both', exclude_seen => false) WHERE item_id = 1000$$,
  $$VALUES (1, true, 'personal (newer)'), (0, false, 'popular')$$, 'or that none does: only the neighbours know the new item, and not of those who like others');
SELECT is((SELECT DISTINCT reason FROM recommend_for(777, 3, 'both')), 'popular', 'a stranger is shown what is popular');
SELECT ok((SELECT max(abs(r.score - (SELECT sum(contribution) FROM explain_recommendation(u, r.item_id, 50, 'both')))) < 1e-4
             FROM generate_series(1, 60) AS u, recommend_for(u, 2, 'both') AS r), 'explanations add up');
SELECT is((SELECT item_id FROM similar_items(1000, 1, 'both')), (SELECT item_id FROM similar_items(1000, 1, 'newer')), 'similar items of whichever component knows the item');
SELECT is((SELECT array_agg(user_id) FROM similar_users(2, 3, 'both')), (SELECT array_agg(user_id) FROM similar_users(2, 3, 'mf')), 'similar users of the factors');
SELECT is((SELECT count(*) FROM recommend_for(1, 21, 'both')), 21 - (SELECT count(*) FROM likes WHERE user_id = 1), 'what has been seen is left out');

-- A component without weight speaks for those whom no other knows: user 61 liked the new item only.
SELECT train_hybrid('{mf,newer}', '{1,0}', 'fallback');
SELECT is((SELECT DISTINCT reason FROM recommend_for(1, 3, 'fallback')), 'personal (mf)', 'weight 0 is not heard');
INSERT INTO likes VALUES (61, 1000);
SELECT is((SELECT reason FROM recommend_for(61, 1, 'fallback')), 'personal (newer)', 'but where no other can speak');

-- Neighbours of users alone, who say nothing of most items: these follow by popularity, as of such a model.
SELECT train_knn('likes', 'users', rating_column => NULL, based_on => 'user', neighbors => 2);
SELECT train_hybrid('{users,knn}', '{1,0}', 'by_users');
SELECT results_eq($$SELECT u, r.item_id, r.reason <> 'popular' AS spoken FROM generate_series(1, 61) AS u, recommend_for(u, 21, 'by_users', exclude_seen => false) WITH ORDINALITY AS r(item_id, score, reason, place) ORDER BY u, place$$,
  $$SELECT u, r.item_id, r.reason <> 'popular' AS spoken FROM generate_series(1, 61) AS u, recommend_for(u, 21, 'users', exclude_seen => false) WITH ORDINALITY AS r(item_id, score, reason, place) ORDER BY u, place$$,
  'what it says nothing of follows by popularity');
SELECT set_eq($$SELECT DISTINCT r.score = 0 AS silent, r.reason FROM generate_series(1, 60) AS u, recommend_for(u, 21, 'by_users', exclude_seen => false) AS r$$,
  $$VALUES (false, 'personal (users)'), (true, 'popular')$$, 'and the reason says so');

-- A component without a taste for the user has no similar users to tell, which is no error.
SELECT is_empty($$SELECT * FROM similar_users(61, 3, 'both')$$, 'of a user whom the factors do not know');

-- It answers from current ratings, and goes on without its components.
SELECT drop_model('newer');
SELECT isnt_empty($$SELECT 1 FROM recommend_for(5, 3, 'both') WHERE reason LIKE 'personal%'$$, 'it goes on without its components');
CREATE TABLE before AS SELECT * FROM recommend_for(2, 5, 'both');
INSERT INTO likes VALUES (2, 1), (2, 3), (2, 5);
SELECT isnt_empty($$SELECT item_id, score FROM recommend_for(2, 5, 'both') EXCEPT SELECT item_id, score FROM before$$, 'new ratings count at once');

-- Weights that test ratings choose: one factor can tell what is popular only, not the two tastes.
CREATE VIEW held AS SELECT u AS user_id, i AS item_id FROM generate_series(1, 60) AS u, generate_series(1, 20) AS i WHERE i % 2 = u % 2 AND (u * 7 + i * 3) % 4 = 0;
CREATE VIEW source AS SELECT user_id, item_id FROM likes WHERE item_id < 1000 AND NOT (user_id = 2 AND item_id % 2 = 1);
SELECT train_knn('source', 'good', rating_column => NULL);
SELECT train_mf('source', 'bad', rating_column => NULL, factors => 1, iterations => 1, regularization => 0.5);
SELECT train_hybrid('{good,bad}', model => 'chosen', test => 'held', k => 5);
CREATE TEMP TABLE chosen AS SELECT options->'components'->1->'weight' AS bad, metrics->'weights_chosen_by' AS m FROM personalize.models WHERE model = 'chosen';
SELECT ok(bad::float8 <= 0.2, 'what does not know the tastes gets little weight') FROM chosen;
SELECT ok((m->>'blend')::float8 >= greatest((m->'alone'->>'good')::float8, (m->'alone'->>'bad')::float8), 'the blend is at least as good as each alone') FROM chosen;
SELECT is((SELECT value::numeric(7, 6) FROM evaluate_model('good', 'held', 5) WHERE metric = 'ndcg'), (m->'alone'->>'good')::numeric(7, 6), 'a component alone is measured as evaluate_model does') FROM chosen;

-- Of what is liked it knows what its components know.
SELECT train_knn('known_stars', 'liked', positive_from => 3), train_knn('known_stars', 'liked_too', positive_from => 3, similarity => 'jaccard');
SELECT train_hybrid('{liked,liked_too}', '{1,0}', 'only_liked');
SELECT results_eq($$SELECT users, ratings FROM evaluate_model('only_liked', 'hidden_stars', 5) WHERE metric = 'ndcg'$$,
  $$SELECT users, ratings FROM evaluate_model('liked', 'hidden_stars', 5) WHERE metric = 'ndcg'$$, 'the same ratings are relevant');
SELECT isnt((SELECT ratings FROM evaluate_model('only_liked', 'hidden_stars', 5, relevant_from => 1) WHERE metric = 'ndcg'),
  (SELECT ratings FROM evaluate_model('only_liked', 'hidden_stars', 5) WHERE metric = 'ndcg'), 'which are not all');
SELECT is((SELECT detail FROM user_profile(1, 'only_liked') WHERE name = 'liked'), (SELECT detail FROM user_profile(1, 'liked') WHERE name = 'liked'), 'and its likes');

-- Ratings are blended as ratings.
SELECT train_mf('known_stars', 'mf_stars', feedback => 'explicit', factors => 2);
SELECT train_knn('known_stars', 'knn_stars', feedback => 'explicit');
SELECT train_hybrid('{mf_stars,knn_stars}', model => 'stars', test => 'hidden_stars');
SELECT ok((SELECT rmse('stars') <= least(rmse('mf_stars'), rmse('knn_stars')) + 1e-6), 'a blend of ratings predicts as well as its best part');
SELECT is((SELECT metrics->'weights_chosen_by'->>'metric' FROM personalize.models WHERE model = 'stars'), 'rmse', 'chosen by the error');
SELECT train_hybrid('{mf_stars,knn_stars}', '{1,3}', 'stars');
SELECT ok(abs(predict_rating(1, 10, 'stars') - (predict_rating(1, 10, 'mf_stars') + 3 * predict_rating(1, 10, 'knn_stars')) / 4) < 1e-5, 'a weighted mean');
SELECT ok((SELECT max(abs(r.score - (SELECT sum(contribution) FROM explain_recommendation(u, r.item_id, 50, 'stars')))) < 1e-4
             FROM generate_series(1, 60) AS u, recommend_for(u, 1, 'stars') AS r), 'explanations of ratings add up');

-- What cannot be blended.
SELECT is(try($$SELECT train_hybrid('{mf,none}')$$) LIKE '42704: model "none" does not exist%', true, 'a component that is not there');
SELECT is(try($$SELECT train_hybrid('{mf}')$$), '22023: a hybrid of 1 components (Name 2 to 16 models.)', 'one component');
SELECT is(try($$SELECT train_hybrid('{}')$$), '22023: a hybrid of 0 components (Name 2 to 16 models.)', 'no component');
SELECT is(try($$SELECT train_hybrid('{mf,knn,mf}')$$), '22023: component "mf" is named twice (Name each model once.)', 'one twice');
SELECT is(try($$SELECT train_hybrid('{mf,knn}', model => 'knn')$$), '22023: model "knn" cannot be a component of itself (Name the hybrid with model => ''...''.)', 'its own component');
SELECT is(try($$SELECT train_hybrid('{mf,both}')$$), '22023: model "both" is a hybrid itself (Name its components in its place.)', 'a hybrid of hybrids');
SELECT is(try($$SELECT train_hybrid('{mf,mf_stars}')$$), '22023: models "mf" and "mf_stars" read different ratings (Train them with the same relation, columns and on_duplicate, whose default is another for explicit feedback and with positive_from.)', 'different sources');
SELECT is(try($$SELECT train_hybrid('{mf,knn}', '{1}')$$), '22023: 1 weights for 2 components (Give one weight for each component.)', 'too few weights');
SELECT is(try(format('SELECT train_hybrid(''{mf,knn}'', %L)', w)) LIKE '22023: %', true, 'weights ' || w) FROM unnest('{"{0,0}","{-1,1}","{1e-7,1}","{NaN,1}","{Infinity,1}","{}"}'::text[]) AS w;
SELECT is(try($$SELECT train_hybrid('{mf,knn}', '{1,NULL}')$$), '22004: weights has a NULL at place 2 (Leave it out of the array.)', 'a NULL weight');
SELECT is(try($$SELECT train_hybrid('{mf,NULL}')$$), '22004: components has a NULL at place 2 (Leave it out of the array.)', 'a NULL component');
SELECT is(try($$SELECT train_hybrid(NULL)$$) LIKE '22004: %', true, 'no array');
SELECT is(try($$SELECT train_hybrid('{{mf,knn},{mf,knn}}')$$) LIKE '2202E: %', true, 'an array of two dimensions');
SELECT is(try($$SELECT train_hybrid('{mf,knn}', '{1,1}', test => 'held')$$), '22023: test does not apply to weights that are given (Leave out one of them: test chooses the weights.)', 'weights given and chosen');
CREATE VIEW strangers AS SELECT user_id + 1000 AS user_id, item_id FROM held;
SELECT is(try($$SELECT train_hybrid('{mf,knn}', test => 'strangers')$$) LIKE '22023: no test user is left%', true, 'test ratings of strangers');
SELECT is(try($$SELECT train_hybrid('{mf,knn}', test => 'held', k => 0)$$) LIKE '22023: %', true, 'k 0');
CREATE VIEW texts AS SELECT user_id::text, item_id FROM held;
SELECT is(try($$SELECT train_hybrid('{mf,knn}', test => 'texts')$$) LIKE '42804: user ids of the test ratings%', true, 'test ratings with other ids');
SELECT is(try($$SELECT * FROM user_factors('both')$$) LIKE '42809: model "both" has no factors%', true, 'a hybrid has no factors');
SELECT is((SELECT count(*) FROM personalize.models WHERE model = 'default'), 0::bigint, 'nothing is left of what failed');

-- Rights: components must be usable, and a superuser makes no hybrid of what another's views would run.
CREATE ROLE blender;
GRANT SELECT ON likes TO blender;
SET ROLE blender;
SELECT is(try($$SELECT train_hybrid('{mf,knn}', model => 'mine')$$), '42501: permission denied for model "mf" (Its owner can give it to you with grant_model().)', 'components of others');
RESET ROLE;
SELECT grant_model('mf', 'blender'), grant_model('knn', 'blender');
SET ROLE blender;
SELECT is(try($$SELECT train_hybrid('{mf,knn}', model => 'mine')$$), 'done', 'once they are granted');
SELECT train_knn('likes', 'theirs', rating_column => NULL), train_knn('likes', 'theirs too', rating_column => NULL);
RESET ROLE;
SELECT is(try($$SELECT train_hybrid('{theirs,"theirs too"}', model => 'ours')$$), '42501: model "theirs" belongs to "blender", who is no superuser (SET ROLE to its owner first.)', 'a superuser and another''s source');

-- Where no component tells items apart, nothing is personal.
CREATE TABLE lonely AS SELECT u AS user_id, u AS item_id FROM generate_series(1, 20) AS u UNION ALL SELECT 21, 7 UNION ALL SELECT 22, 7;
CREATE INDEX ON lonely (user_id);
SELECT train_knn('lonely', 'cosine', rating_column => NULL), train_knn('lonely', 'jaccard', rating_column => NULL, similarity => 'jaccard');
SELECT train_hybrid('{cosine,jaccard}', model => 'silent');
SELECT results_eq($$SELECT * FROM recommend_for(3, 2, 'silent')$$, $$VALUES (7::bigint, 3::real, 'popular'), (1, 1, 'popular')$$, 'what is popular is');
SELECT set_eq($$SELECT u::bigint, r.item_id, r.score FROM generate_series(1, 22) AS u, recommend_for(u, 3, 'silent') AS r$$, $$SELECT user_id, item_id, score FROM recommend_all(3, 'silent')$$, 'to all');
SELECT is_empty($$SELECT * FROM explain_recommendation(3, 7, 5, 'silent')$$, 'there is nothing to explain');
SELECT is(predict_rating(3, 7, 'silent'), NULL, 'nor to predict');
SELECT * FROM finish();
