\echo '-- Five recommendations for each user:'
SELECT count(*) AS recommendations, count(DISTINCT user_id) AS users,
       count(DISTINCT item_id) AS "different items"
FROM recommend_all(5:witness);

\echo '-- Does it find what people choose? One item of each of 1000 users is hidden from a training:'
CREATE TABLE hidden AS
SELECT DISTINCT ON (user_id) user_id, :item AS item_id FROM ratings
WHERE user_id IN (SELECT user_id FROM ratings GROUP BY user_id HAVING count(*) >= 5
                  ORDER BY hashtext(user_id::text) LIMIT 1000)
ORDER BY user_id, hashtext(:item::text);
CREATE VIEW kept AS
SELECT * FROM ratings WHERE (user_id, :item) NOT IN (SELECT user_id, item_id FROM hidden);
SELECT model, ratings, round(seconds::numeric, 3) AS seconds
FROM train_mf('kept':options, model => 'check');

\echo '-- How often the hidden item is among ten recommended, and among ten drawn by lot:'
SELECT count(*) AS users, round(100.0 * avg(found::int), 1) AS "% recommended",
       round(1000.0 / (SELECT items FROM personalize.models WHERE model = 'check'), 1) AS "% by lot"
FROM hidden,
     LATERAL (SELECT hidden.item_id IN (SELECT r.item_id FROM recommend_for(user_id, 10, 'check') AS r)
              AS found) AS looked;
