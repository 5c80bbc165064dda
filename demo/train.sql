CREATE EXTENSION personalize;

SELECT * FROM train_mf('ratings':options) \gx
