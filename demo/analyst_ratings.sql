\echo '-- Five recommendations for each user, joined with the catalogue:'
CREATE TEMP TABLE recommended AS SELECT * FROM recommend_all(5:witness);
SELECT count(*) AS recommendations, count(DISTINCT user_id) AS users,
       count(DISTINCT item_id) AS "different items"
FROM recommended;
SELECT :shown, count(*) AS "recommended to"
FROM recommended JOIN :catalogue USING (item_id)
GROUP BY title ORDER BY count(*) DESC, title LIMIT 10;
