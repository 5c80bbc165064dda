CREATE EXTENSION personalize;

\x on
SELECT model, version, algorithm, users, items, ratings, skipped, merged, iterations,
       round(loss::numeric, 1) AS loss, round(seconds::numeric, 3) AS seconds, timings
FROM train_mf('ratings':options);

\x off
\echo '-- The options: defaults, but unobserved_weight, which was chosen from the data:'
SELECT key AS option, value FROM personalize.models, jsonb_each(options) ORDER BY key;
