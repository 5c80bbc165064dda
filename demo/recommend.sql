\echo '-- reader' :reader 'read these:'
SELECT :shown, rating
FROM ratings JOIN :catalogue ON :catalogue.item_id = ratings.:item
WHERE user_id = :reader ORDER BY :latest LIMIT 10;

\echo '-- and is recommended these:'
\timing on
SELECT :shown, round(score::numeric, 3) AS score, reason
FROM recommend_for(:reader, 10) JOIN :catalogue USING (item_id) ORDER BY score DESC;
