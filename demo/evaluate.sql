\echo '-- A tenth of the ratings is kept from a training, and then looked for in ten recommendations:'
CREATE VIEW kept AS SELECT * FROM ratings WHERE NOT in_holdout(user_id, :item, .1);
CREATE VIEW hidden AS SELECT * FROM ratings WHERE in_holdout(user_id, :item, .1);
SELECT model, ratings, round(seconds::numeric, 3) AS seconds
FROM train_mf('kept':options, model => 'check');

SELECT metric, round(value::numeric, 4) AS value, round(standard_error::numeric, 4) AS "+/-",
       round(popularity::numeric, 4) AS "popular items", users, ratings
FROM evaluate_model('check', 'hidden', 10);
