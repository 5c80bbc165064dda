CREATE EXTENSION personalize;

\x on
SELECT * FROM train_mf('ratings':options);
