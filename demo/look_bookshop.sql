SELECT genre, count(*) AS books, min(title) AS "for example"
FROM books GROUP BY genre ORDER BY genre;
SELECT count(*) AS ratings, count(DISTINCT user_id) AS readers, count(DISTINCT item_id) AS books
FROM ratings;
SELECT * FROM ratings ORDER BY user_id, item_id LIMIT 3;
