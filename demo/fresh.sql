BEGIN;
INSERT INTO ratings (user_id, :item:rating)
SELECT :reader, item_id:five FROM (:others) AS others;

SELECT :shown FROM ratings JOIN :catalogue ON :catalogue.item_id = ratings.:item
WHERE user_id = :reader AND ratings.xmin = pg_current_xact_id()::xid;

\echo '-- Still inside the transaction, the answer has moved:'
\timing on
SELECT :shown, round(score::numeric, 3) AS score
FROM recommend_for(:reader, 10) JOIN :catalogue USING (item_id) ORDER BY score DESC;
\timing off
\echo

ROLLBACK;

\echo '-- After ROLLBACK it is what it was:'
\timing on
SELECT :shown, round(score::numeric, 3) AS score
FROM recommend_for(:reader, 10) JOIN :catalogue USING (item_id) ORDER BY score DESC;
