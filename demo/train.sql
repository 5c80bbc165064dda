CREATE EXTENSION personalize;

\x on
SELECT model, version, algorithm, users, items, ratings, skipped, merged, iterations, loss, seconds,
       timings
FROM train_mf('ratings':options);

\x off
\echo '-- Options that nobody gave were chosen from the data:'
SELECT key AS option, value FROM personalize.models, jsonb_each(options) ORDER BY key;
