\echo '-- How users choose: how many items, and how well known these are.'
CREATE TABLE habits AS
SELECT user_id, count(*) AS "items chosen", avg(choosers) AS "others who chose them"
FROM ratings JOIN (SELECT :item, count(*) - 1 AS choosers FROM ratings GROUP BY :item) AS known USING (:item)
GROUP BY user_id;
CREATE INDEX ON habits (user_id);

SELECT segments, row_count AS users, round(silhouette::numeric, 2) AS silhouette, round(seconds::numeric, 3) AS seconds
FROM train_kmeans('habits', k => 4, key_column => 'user_id');
SELECT segment, size, summary FROM segment_profile();
SELECT segment_of(:reader) AS "segment of the user above";
