SELECT * FROM ratings LIMIT 3;
SELECT count(*) AS ratings, count(DISTINCT user_id) AS users, count(DISTINCT :item) AS items
FROM ratings;

\echo '-- The index that makes recommend_for fast: all it reads of one user, in one place.'
CREATE INDEX ON ratings (user_id) INCLUDE (:item:rating);
VACUUM ANALYZE ratings;
