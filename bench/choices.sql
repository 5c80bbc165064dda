-- What train_content, diversity and half_life gain and cost, for doc/performance.md. `data`: a directory with goodbooks/books.csv,
-- goodbooks/ratings.csv and online_retail/online_retail.csv.gz.
--   tools/server psql -X -q -v ON_ERROR_STOP=1 -v data=... -f bench/choices.sql
CREATE EXTENSION personalize;
CREATE TABLE goodbooks (item_id bigint, user_id bigint, rating int);
CREATE TABLE books (item_id bigint, title text, authors text, year real, language text, average_rating real, ratings_count int);
CREATE TABLE lines (invoice text, stock_code text, description text, quantity int, at timestamp, price numeric, customer_id bigint, country text);
\set file :data '/goodbooks/ratings.csv'
COPY goodbooks FROM :'file' CSV HEADER;
\set file :data '/goodbooks/books.csv'
COPY books FROM :'file' CSV HEADER;
SET datestyle = 'ISO, MDY';
\set file 'gzip -cd ' :data '/online_retail/online_retail.csv.gz'
COPY lines FROM PROGRAM :'file' CSV HEADER;
\pset null ''

\echo train_content: goodbooks, likes from 4 stars; a tenth of the books is new, of the others a fifth of the ratings is held out.
CREATE VIEW described AS SELECT item_id, string_to_array(authors, ', ') AS authors, language, year, title FROM books;
CREATE VIEW known AS SELECT * FROM goodbooks WHERE item_id % 10 <> 3;
CREATE TABLE train AS SELECT user_id, item_id, max(rating) AS rating FROM known WHERE NOT in_holdout(user_id, item_id, 0.2) GROUP BY 1, 2;
CREATE TABLE warm AS SELECT user_id, item_id, max(rating) AS rating FROM known WHERE in_holdout(user_id, item_id, 0.2) GROUP BY 1, 2;
CREATE TABLE new AS SELECT user_id, item_id, max(rating) AS rating FROM goodbooks WHERE item_id % 10 = 3 GROUP BY 1, 2;
CREATE INDEX ON train (user_id) INCLUDE (item_id, rating);
VACUUM ANALYZE;
CREATE TABLE trained (model text, seconds float8);
INSERT INTO trained SELECT model, seconds FROM train_mf('train', 'train_mf', positive_from => 4);
INSERT INTO trained SELECT model, seconds FROM train_mf('train', 'train_mf with items', positive_from => 4, items => 'described', attributes => '{authors,language,year}', text_columns => '{title}', language => 'english');
INSERT INTO trained SELECT model, seconds FROM train_content('train', 'train_content', positive_from => 4, items => 'described', attributes => '{authors,language,year}', text_columns => '{title}', language => 'english');
INSERT INTO trained SELECT model, seconds FROM train_hybrid('{train_mf,train_content}', '{0.8,0.2}', 'train_hybrid of both');
-- New books among themselves, by 2,000 users who like one: those that a model does not know cannot be in its list.
CREATE TABLE asked AS SELECT user_id, array_agg(item_id) AS liked FROM new WHERE rating >= 4 AND user_id IN (SELECT user_id FROM train) GROUP BY 1 ORDER BY hashint8extended(user_id, 1) LIMIT 2000;
SELECT array_agg(DISTINCT item_id) AS books FROM new \gset new_
SELECT model, round(seconds::numeric, 1) AS seconds,
       (SELECT round(value::numeric, 4) FROM evaluate_model(model, 'warm', 10) WHERE metric = 'ndcg') AS "NDCG@10",
       (SELECT round(popularity::numeric, 4) FROM evaluate_model(model, 'warm', 10) WHERE metric = 'ndcg') AS "of popularity",
       (SELECT round(avg(recall_at(ARRAY(SELECT item_id FROM recommend_for(user_id, 20, t.model, true, :'new_books')), liked, 20))::numeric, 3) FROM asked) AS "Recall@20, new"
  FROM trained AS t;

\echo diversity: goodbooks, 2,000 users
CREATE TABLE factor AS SELECT item_id, factor::float8[] FROM item_factors('train_mf');
CREATE UNIQUE INDEX ON factor (item_id);
CREATE TABLE liked AS SELECT user_id, array_agg(item_id) AS items FROM warm WHERE rating >= 4 GROUP BY 1 ORDER BY hashint8extended(user_id, 1) LIMIT 2000;
ANALYZE;
CREATE TABLE shaped AS SELECT d AS diversity, user_id, l.items AS liked, ARRAY(SELECT item_id FROM recommend_for(user_id, 10, 'train_mf', diversity => d)) AS items
  FROM unnest('{0,0.1,0.2,0.3,0.5,0.8}'::real[]) AS d, liked AS l;
CREATE TABLE alike AS SELECT diversity, user_id, avg(cosine_sim(a.factor, b.factor)) AS cosine
  FROM shaped, unnest(items) AS x, unnest(items) AS y, factor AS a, factor AS b WHERE x < y AND a.item_id = x AND b.item_id = y GROUP BY 1, 2;
SELECT diversity, round(avg(ndcg_at(items, liked, 10))::numeric, 4) AS "NDCG@10", round(avg(recall_at(items, liked, 10))::numeric, 4) AS "Recall@10",
       round(avg(1 - cosine)::numeric, 3) AS "1 - cosine", (SELECT count(DISTINCT i) FROM shaped AS o, unnest(o.items) AS i WHERE o.diversity = s.diversity) AS "books shown"
  FROM shaped AS s JOIN alike USING (diversity, user_id) GROUP BY 1 ORDER BY 1;
SELECT count(*) FROM liked, recommend_for(user_id, 10, 'train_mf') \gset warmed_
\timing on
SELECT count(*) FROM liked, recommend_for(user_id, 10, 'train_mf');
SELECT count(*) FROM liked, recommend_for(user_id, 10, 'train_mf', diversity => 0.2);
\timing off

\echo half_life: online_retail, what customers buy in the last 60 days that they have not bought before
CREATE TABLE bought AS SELECT customer_id AS user_id, stock_code AS item_id, at FROM lines WHERE customer_id IS NOT NULL AND quantity > 0 AND price > 0;
CREATE VIEW before AS SELECT * FROM bought WHERE at < (SELECT max(at) - interval '60 days' FROM bought);
CREATE VIEW later AS SELECT user_id, item_id, max(at) AS at FROM bought WHERE at >= (SELECT max(at) - interval '60 days' FROM bought) GROUP BY 1, 2;
-- The half-life is to be chosen before that: on the 60 days before, by what came before those.
CREATE VIEW earlier AS SELECT * FROM bought WHERE at < (SELECT max(at) - interval '120 days' FROM bought);
CREATE VIEW between_both AS SELECT user_id, item_id, max(at) AS at FROM before WHERE at >= (SELECT max(at) - interval '120 days' FROM bought) GROUP BY 1, 2;
CREATE TABLE aged (trainer text, half_life text, cut text, ndcg float8);
SELECT FROM (VALUES ('earlier'), ('before')) AS v (relation), unnest('{15,30,60,120,240,NULL}'::int[]) AS days,
  train_mf(relation::regclass, 'mf ' || relation || coalesce(days || ' days', 'none'), rating_column => NULL, time_column => 'at', on_duplicate => 'last', half_life => days * interval '1 day');
SELECT FROM (VALUES ('earlier'), ('before')) AS v (relation), unnest('{15,30,60,120,240,NULL}'::int[]) AS days,
  train_knn(relation::regclass, 'knn ' || relation || coalesce(days || ' days', 'none'), rating_column => NULL, time_column => 'at', on_duplicate => 'last', half_life => days * interval '1 day');
SET client_min_messages = error;  -- what was bought before is left out, and said
SELECT trainer, coalesce(days || ' days', 'none') AS half_life, round(c.value::numeric, 4) AS "NDCG@10, chosen by", round(t.value::numeric, 4) AS "NDCG@10, later"
  FROM unnest('{mf,knn}'::text[]) AS trainer, unnest('{15,30,60,120,240,NULL}'::int[]) AS days,
       evaluate_model(trainer || ' earlier' || coalesce(days || ' days', 'none'), 'between_both', 10) AS c, evaluate_model(trainer || ' before' || coalesce(days || ' days', 'none'), 'later', 10) AS t
 WHERE c.metric = 'ndcg' AND t.metric = 'ndcg';
