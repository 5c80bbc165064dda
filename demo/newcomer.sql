\echo '-- Nothing is known about this reader, so the answer is what is popular, and says so:'
SELECT :shown, round(score::numeric, 3) AS score, reason
FROM recommend_for(:newcomer, 5) JOIN :catalogue USING (item_id) ORDER BY score DESC;

SELECT :shown FROM :catalogue WHERE item_id = :liked;
\echo '-- Those who liked it also liked:'
SELECT :shown, round(score::numeric, 3) AS similarity
FROM similar_items(:liked, 5) JOIN :catalogue USING (item_id) ORDER BY score DESC;
