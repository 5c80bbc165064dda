-- user_profile: what is known of a user, as a person reads it.
CREATE TABLE books (item_id int PRIMARY KEY, genre text, pages int);
INSERT INTO books SELECT i, (ARRAY['crime','love','travel'])[1 + i % 3], 100 + 20 * i FROM generate_series(1, 30) AS i;
CREATE TABLE readers AS SELECT u AS user_id, u % 4 AS visits, 10 + u % 2 * 100 AS spend FROM generate_series(1, 30) AS u;
CREATE TABLE read (user_id int, item_id int, rating real, at date);
CREATE INDEX ON read (user_id) INCLUDE (item_id, rating, at);
-- Readers like one genre, and rate it 4 or 5, others 1 to 3.
INSERT INTO read SELECT u, i, CASE WHEN i % 3 = u % 3 THEN 5 - (u + i) % 2 ELSE 1 + (u * i) % 3 END, date '2026-01-01' + u + i
  FROM generate_series(1, 30) AS u, generate_series(1, 30) AS i WHERE (u * 7 + i * 5) % 11 < 1 + u % 4;
SELECT model FROM train_content('read', items => 'books', positive_from => 3, time_column => 'at');
SELECT model FROM train_knn('read', 'stars', feedback => 'explicit', similarity => 'pearson');
SELECT model FROM train_knn('read', 'stored', fold_in => false);
SELECT model FROM train_kmeans('readers', '{visits,spend}', 2, key_column => 'user_id');

SELECT * FROM user_profile(7);
SELECT * FROM user_profile(7, segments => 'segments') WHERE aspect = 'segment';
SELECT * FROM user_profile(7, 'stars');
SELECT * FROM user_profile(7, 'stored');
SELECT * FROM user_profile(999, segments => 'segments');

-- Wrong input.
SELECT * FROM user_profile(7, 'nothing');
SELECT * FROM user_profile(7, 'segments');
SELECT * FROM user_profile(7, segments => 'stars');
SELECT * FROM user_profile('seven');
SELECT * FROM user_profile(7, NULL);

SELECT drop_model(model) FROM personalize.models WHERE active ORDER BY model;
DROP TABLE books, readers, read;
