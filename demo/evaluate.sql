\echo '-- A tenth of the ratings is kept from a training, and then looked for in ten recommendations:'
CREATE VIEW kept AS SELECT * FROM ratings WHERE NOT in_holdout(user_id, :item, .1);
CREATE VIEW hidden AS SELECT * FROM ratings WHERE in_holdout(user_id, :item, .1);
SET client_min_messages = warning;
SELECT model, ratings, round(seconds::numeric, 3) AS seconds
FROM train_mf('kept':options, model => 'check');

SELECT meaning, metric, round(value::numeric, 3) AS value, round(popularity::numeric, 3) AS "popular items"
FROM evaluate_model('check', 'hidden', 10)
     JOIN (VALUES ('hit_rate', 'share who find one of their hidden items among the ten'),
                  ('recall', 'share of the hidden items that are among the ten'),
                  ('ndcg', 'the same, where the first places count more'),
                  ('coverage', 'share of all items that are recommended to anyone'),
                  ('overlap', 'hidden ratings that the training has seen: there must be none')) AS m(metric, meaning)
     USING (metric);
