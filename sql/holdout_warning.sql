-- A training with a holdout, and tune_mf, warn where recommending what is popular does better.
-- Everyone likes what is popular, by chance: there is no taste to be learned.
CREATE TABLE by_chance AS SELECT u AS user_id, i AS item_id, (1 + abs(hashint8extended(u * 1000 + i, 7)) % 5)::real AS rating
  FROM generate_series(1, 400) AS u, generate_series(1, 60) AS i WHERE abs(hashint8extended(u * 1000 + i, 1)) % 60 < 40 / i;
-- Everyone likes the items of one of four groups.
CREATE TABLE by_taste AS SELECT u AS user_id, i AS item_id, (1 + 4 * (u % 4 = i % 4)::int)::real AS rating
  FROM generate_series(1, 400) AS u, generate_series(1, 60) AS i WHERE abs(hashint8extended(u * 1000 + i, 1)) % 3 = 0;
SET client_min_messages = warning;
\set VERBOSITY default
SELECT version FROM train_mf('by_chance', 'likes', factors => 64, regularization => .0001, holdout => .2, refit => true);
SELECT version FROM train_mf('by_chance', 'stars', feedback => 'explicit', solver => 'sgd', rating_column => 'rating', factors => 64,
                             regularization => 1e-9, iterations => 100, holdout => .2, refit => true);
CALL tune_mf('by_chance', 'tuned', factors => 64, regularization => .0001, iterations => 20, trials => 2);
-- Not where it does not.
SELECT version FROM train_mf('by_taste', 'tastes', positive_from => 4, rating_column => 'rating', holdout => .2, refit => true);
SELECT version FROM train_mf('by_taste', 'tastes', feedback => 'explicit', rating_column => 'rating', holdout => .2, refit => true);
DROP TABLE by_chance, by_taste;
DO $$ BEGIN PERFORM drop_model(m) FROM unnest('{likes,stars,tuned,tastes}'::text[]) AS m; END $$;
