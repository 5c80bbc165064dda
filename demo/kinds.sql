\echo '-- Two kinds of recommenders on the same tenth, beside popular items. A kind that is not above these is the wrong one.'
SELECT kind, round(seconds::numeric, 3) AS seconds, round((ndcg->>'value')::numeric, 3) AS ndcg,
       round((ndcg->>'standard_error')::numeric, 3) AS "standard error",
       round((ndcg->>'popularity')::numeric, 3) AS "popular items"
FROM (SELECT 'factors: train_mf' AS kind, seconds, metrics->'measures'->'ndcg' AS ndcg
      FROM train_mf('ratings':options, model => 'by factors', holdout => 0.1)
      UNION ALL
      SELECT 'neighbours: train_knn', seconds, metrics->'measures'->'ndcg'
      FROM train_knn('ratings':options, model => 'by neighbours', similarity => 'rp3beta', holdout => 0.1)) AS trained;
