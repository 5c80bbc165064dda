\echo '-- Five recommendations for each user:'
SELECT count(*) AS recommendations, count(DISTINCT user_id) AS users,
       count(DISTINCT item_id) AS "different items"
FROM recommend_all(5:witness);
