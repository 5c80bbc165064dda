\echo '-- The answer as it is, to compare with:'
CREATE TEMP TABLE before AS
SELECT item_id, row_number() OVER (ORDER BY score DESC, item_id) AS place
FROM recommend_for(:taker, 10);

\echo '--' :taken
BEGIN;
WITH added AS (
  INSERT INTO ratings (user_id, :item:rating)
  SELECT :taker, item_id:five
  FROM (:others) AS others
  RETURNING :item AS item_id)
SELECT :shown FROM added JOIN :catalogue USING (item_id);

\echo '-- Still inside the transaction, the next answer follows them:'
\timing on
SELECT :shown, reason, coalesce(place::text, 'new') AS "place before"
FROM recommend_for(:taker, 10) AS r JOIN :catalogue USING (item_id) LEFT JOIN before USING (item_id)
ORDER BY r.score DESC, item_id;
\timing off
\echo

ROLLBACK;

\echo '-- After ROLLBACK all ten are in their places again:'
\timing on
SELECT :shown, reason, coalesce(place::text, 'new') AS "place before"
FROM recommend_for(:taker, 10) AS r JOIN :catalogue USING (item_id) LEFT JOIN before USING (item_id)
ORDER BY r.score DESC, item_id;
