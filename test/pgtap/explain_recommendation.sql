-- explain_recommendation: contributions that add up to the score, for every kind of model.
SET client_min_messages = warning;
SELECT no_plan();

\ir ../include/stars.sql
CREATE INDEX ON stars (user_id) INCLUDE (item_id, rating);
SELECT train_mf('stars', 'likes', factors => 8);
SELECT train_mf('stars', 'counts', factors => 8, weighting => 'log', positive_from => 3);
SELECT train_mf('stars', 'ratings', factors => 8, feedback => 'explicit');
SELECT train_mf('stars', 'descent', factors => 8, feedback => 'explicit', solver => 'sgd');
SELECT train_mf('stars', 'sampled', feedback => 'explicit', solver => 'gibbs', factors => 4, iterations => 30);
SELECT train_knn('stars', 'near', weighting => 'linear');
SELECT train_knn('stars', 'near_ratings', feedback => 'explicit', similarity => 'pearson');
SELECT train_knn('stars', 'alike_' || s, weighting => 'linear', user_weighting => 'activity', based_on => 'user', similarity => s) FROM unnest('{cosine,pearson,jaccard,cooccurrence}'::text[]) AS s;
SELECT train_knn('stars', 'alike_ratings', feedback => 'explicit', based_on => 'user', similarity => 'pearson');
SELECT train_knn('stars', 'alike_stored', feedback => 'explicit', based_on => 'user', fold_in => false);
SELECT train_knn('stars', 'near_stored', feedback => 'explicit', similarity => 'pearson', fold_in => false);

-- In whole and in part.
CREATE FUNCTION worst(model text, n int) RETURNS float8 LANGUAGE sql AS $$
  SELECT max(abs(r.score - (SELECT sum(contribution) FROM explain_recommendation(u, r.item_id, n, model))))
    FROM generate_series(1, 60, 7) AS u, recommend_for(u, 5, model) AS r WHERE reason = 'personal'
$$;
SELECT cmp_ok(worst(m, n), '<', 1e-4::float8, format('contributions add up to the score: %s, %s items', m, n))
  FROM unnest('{likes,counts,ratings,descent,sampled,near,near_ratings,near_stored,alike_cosine,alike_pearson,alike_jaccard,alike_cooccurrence,alike_ratings,alike_stored}'::text[]) AS m, unnest('{100,3}'::int[]) AS n;

-- What the rows say.
SELECT set_eq($$SELECT because_of FROM explain_recommendation(4, 2, 100, 'likes')$$, 'SELECT item_id::bigint FROM stars WHERE user_id = 4',
  'every item of the user has a row');
SELECT results_eq($$SELECT reason, count(*) FROM explain_recommendation(4, 2, 3, 'ratings') GROUP BY 1 ORDER BY 1$$,
  $$VALUES ('baseline', 1::bigint), ('item', 3), ('others', 1)$$, 'three items, the others and the baseline');
SELECT ok((SELECT bool_and(contribution <= before) FROM (SELECT contribution, lag(contribution) OVER () AS before FROM explain_recommendation(4, 2, 100, 'likes')) AS c),
  'the most telling first');
SELECT ok((SELECT bool_and(because_of IS NULL) FROM explain_recommendation(4, 2, 0, 'likes')), 'n => 0 leaves the sum');

-- What is rated now counts now.
BEGIN;
DELETE FROM stars WHERE user_id = 4 AND item_id = (SELECT because_of FROM explain_recommendation(4, 2, 1, 'near') WHERE reason = 'item');
SELECT isnt_empty($$SELECT because_of FROM explain_recommendation(4, 2, 100, 'near') WHERE reason = 'item'$$, 'what is left explains');
SELECT is_empty($$SELECT because_of FROM explain_recommendation(4, 2, 100, 'near') WHERE reason = 'item' EXCEPT SELECT item_id FROM stars WHERE user_id = 4$$, 'what is gone explains nothing');
SELECT is_empty($$SELECT because_of FROM explain_recommendation(4, 2, 100, 'near') WHERE contribution = 0$$, 'nor does what adds nothing');
ROLLBACK;

-- Nothing to explain.
SELECT is_empty($$SELECT explain_recommendation(999, 2, 10, 'likes')$$, 'a stranger');
SELECT is_empty($$SELECT explain_recommendation(4, 999, 10, 'likes')$$, 'an unknown item');
SELECT is_empty($$SELECT explain_recommendation(NULL::bigint, 2, 10, 'likes')$$, 'nobody');
SELECT is_empty($$SELECT explain_recommendation(999, 2, 10, 'near_stored')$$, 'a stranger, stored');

-- What is refused.
SELECT train_mf('stars', 'kept', factors => 8, fold_in => false);
SELECT throws_ok($$SELECT explain_recommendation(4, 2, 10, 'kept')$$, '55000', 'model "kept" serves stored factors, without the ratings that they came of', 'stored factors');
SELECT throws_ok($$SELECT explain_recommendation(4, 2, -1, 'likes')$$, '22023', NULL, 'n below 0');
SELECT throws_ok($$SELECT explain_recommendation(4, 2, NULL, 'likes')$$, '22004', NULL, 'n NULL');
SELECT throws_ok($$SELECT explain_recommendation(4, 2, 10, 'none')$$, '42704', NULL, 'no such model');
SELECT throws_ok($$SELECT explain_recommendation('4', 'b-17', 10, 'likes')$$, '22P02', NULL, 'an id of the wrong type');
SELECT results_eq($$SELECT because_of, contribution FROM explain_recommendation('4', '2', 3, 'likes') WHERE reason = 'item'$$,
  $$SELECT because_of::text, contribution FROM explain_recommendation(4, 2, 3, 'likes') WHERE reason = 'item'$$, 'ids as text, as drivers send them');

-- Rights: the caller's.
CREATE ROLE explain_reader;
SELECT grant_model('likes', 'explain_reader'), grant_model('near', 'explain_reader');
SET ROLE explain_reader;
SELECT throws_ok($$SELECT explain_recommendation(4, 2, 10, 'ratings')$$, '42501', 'permission denied for model "ratings"', 'a model is its owner''s');
SELECT throws_ok($$SELECT explain_recommendation(4, 2, 10, 'likes')$$, '55000', NULL, 'ratings that may not be read explain nothing');
SELECT ok((SELECT count(*) > 0 FROM explain_recommendation(4, 2, 10, 'near')), 'but those that the model has stored do');
RESET ROLE;

SELECT * FROM finish();
