\echo '-- Five recommendations for each of the readers, joined with the catalogue. Chance: 10, 10 and 80 %.'
SELECT likes AS "readers of", count(DISTINCT user_id) AS readers,
       round(100.0 * count(*) FILTER (WHERE genre = likes) / count(*)) AS "% their genre",
       round(100.0 * count(*) FILTER (WHERE genre = likes_also) / count(*)) AS "% their second",
       round(100.0 * count(*) FILTER (WHERE genre NOT IN (likes, likes_also))
             / count(*)) AS "% other"
FROM recommend_all(5) JOIN books USING (item_id) JOIN readers USING (user_id)
GROUP BY likes ORDER BY likes;
