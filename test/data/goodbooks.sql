-- goodbooks: repeats are seen; tuning finds settings that are at least as good as the defaults on ratings that it has not seen.
SET client_min_messages = warning;
SET jit = off;
SELECT plan(7);
CREATE VIEW ratings AS SELECT user_id, book_id AS item_id, rating FROM goodbooks;
SELECT is((SELECT value FROM rating_summary('ratings') WHERE measure = 'repeats'), 2278::float8, 'the repeats that there are');
SELECT is((SELECT value FROM rating_summary('ratings') WHERE measure = 'rows'), 981756::float8, 'of all rows');
CREATE VIEW known AS SELECT * FROM ratings WHERE NOT in_holdout(user_id, item_id, .1, 77);
CREATE VIEW untouched AS SELECT * FROM ratings WHERE in_holdout(user_id, item_id, .1, 77);
SELECT count(*) FROM train_mf('known', 'defaults') \gset trained_
CALL tune_mf('known', 'tuned', trials => 9, max_factors => 64);
SELECT is((SELECT count(*) FROM personalize.tuning_trials), 9::bigint, 'a row for each trial');
SELECT cmp_ok((SELECT value FROM evaluate_model('tuned', 'untouched') WHERE metric = 'ndcg'), '>=', (SELECT value FROM evaluate_model('defaults', 'untouched') WHERE metric = 'ndcg'), 'tuned settings are at least as good on an untouched cut');
SELECT is((SELECT value FROM evaluate_model('tuned', 'untouched') WHERE metric = 'overlap'), 0::float8, 'which it has not seen');
SELECT cmp_ok((SELECT value FROM cross_validate('ratings', options => '{"feedback": "explicit", "factors": 32}', folds => 5) WHERE fold IS NULL AND metric = 'rmse'), '<', .84::float8, 'RMSE of explicit feedback over five folds');
CREATE VIEW four_fifths AS SELECT * FROM ratings WHERE NOT in_holdout(user_id, item_id, .2);
CREATE VIEW last_fifth AS SELECT user_id, item_id, avg(rating) AS rating FROM ratings WHERE in_holdout(user_id, item_id, .2) GROUP BY 1, 2;
SELECT count(*) FROM train_mf('four_fifths', 'stars', feedback => 'explicit') \gset trained_
SELECT cmp_ok((SELECT value FROM evaluate_model('stars', 'last_fifth') WHERE metric = 'rmse'), '<', .829::float8, 'RMSE of the defaults on a random fifth');
SELECT * FROM finish();
