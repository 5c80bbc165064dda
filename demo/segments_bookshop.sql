\echo '-- What readers read: each genre as a share of their books.'
CREATE TABLE shelves AS
SELECT user_id, avg((genre = 'cookery')::int) AS cookery, avg((genre = 'cosy mystery')::int) AS "cosy mystery",
       avg((genre = 'gardening')::int) AS gardening, avg((genre = 'history')::int) AS history,
       avg((genre = 'poetry')::int) AS poetry, avg((genre = 'programming')::int) AS programming,
       avg((genre = 'romance')::int) AS romance, avg((genre = 'space opera')::int) AS "space opera",
       avg((genre = 'thriller')::int) AS thriller, avg((genre = 'travel')::int) AS travel
FROM ratings JOIN books USING (item_id) GROUP BY user_id;

\echo '-- How many segments there are is found out: of 2 to 12 the number that keeps them farthest apart.'
SELECT segments, row_count AS readers, round(silhouette::numeric, 2) AS silhouette, round(seconds::numeric, 3) AS seconds
FROM train_kmeans('shelves', max_k => 12, key_column => 'user_id');
SELECT segment, size, summary FROM segment_profile(features => 2);

\echo '-- For somebody of whom only the segment is known (here that of reader' :reader'):'
SELECT title, genre, score AS "chosen by"
FROM popular_items(3, segment => segment_of(:reader), segments => 'segments') JOIN books USING (item_id)
ORDER BY score DESC, item_id;
