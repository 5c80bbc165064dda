\echo '-- Nothing is known about this user, so the answer is what most have chosen, and says so:'
SELECT :shown, score AS "chosen by", reason
FROM recommend_for(:newcomer, 5) AS r JOIN :catalogue USING (item_id) ORDER BY r.score DESC, item_id;

SELECT :shown FROM :catalogue WHERE item_id = :liked;
\echo '-- Those who chose it also chose:'
SELECT :shown, round(score::numeric, 3) AS similarity
FROM similar_items(:liked, 5) AS s JOIN :catalogue USING (item_id) ORDER BY s.score DESC;
