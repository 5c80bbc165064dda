\echo '-- As pg_cron would every night, here with fewer factors:'
SELECT model, version, ratings, iterations, round(seconds::numeric, 3) AS seconds
FROM train_mf('ratings':options, factors => 16);

SELECT model, version, active, users, items, ratings, pg_size_pretty(size) AS size, owner
FROM personalize.models ORDER BY model, version;

\echo '-- The night before was better? Back to it, at once:'
SELECT activate_model('default', 1);
SELECT model, version, active FROM personalize.models ORDER BY model, version;
