-- train_content: items by what is known about them, served by the verbs of every model.
SET client_min_messages = warning;
SELECT no_plan();

-- Two genres and a topic in the title; each user likes one of the genres. Item 9 and 10 are new: nobody has rated them.
CREATE TYPE binding AS ENUM ('hard', 'soft');
CREATE TABLE books (item_id bigint PRIMARY KEY, genre text, tags text[], binding binding, pages integer, title text, facts jsonb, added date);
INSERT INTO books
  SELECT i, CASE i % 2 WHEN 1 THEN 'crime' ELSE 'love' END, ARRAY['t' || i % 3, 'odd' || i % 2], (ARRAY['hard', 'soft'])[1 + i / 6]::binding, 100 * i,
         CASE i % 2 WHEN 1 THEN 'A murder' ELSE 'The wedding' END || ' in town ' || i, jsonb_build_object('mood', ARRAY['m' || i % 2], 'rank', i % 4), date '2020-01-01' + i::int
  FROM generate_series(1, 10) AS i;
CREATE TABLE likes AS
  SELECT u AS user_id, i AS item_id FROM generate_series(1, 40) AS u, generate_series(1, 8) AS i WHERE i % 2 = u % 2 AND (u + i) % 5 <> 0;
CREATE INDEX ON likes (user_id) INCLUDE (item_id);

SELECT results_eq($$SELECT algorithm, users, items, ratings, iterations, loss FROM train_content('likes', rating_column => NULL, items => 'books', attributes => '{genre}')$$,
  $$VALUES ('content', 40::bigint, 10::bigint, (SELECT count(*) FROM likes), 0, NULL::float8)$$, 'summary of a training: items of both tables');
SELECT is((SELECT options FROM personalize.models WHERE model = 'default'),
  '{"feedback": "implicit", "weighting": "binary", "items": "public.books", "item_key": "item_id", "attributes": ["genre"], "text_columns": [],
    "language": "simple", "min_items": 2, "max_share": 0.5, "terms": 2, "seed": 0, "on_duplicate": "sum"}'::jsonb, 'options are reported');
SELECT ok((SELECT bool_and(r.item_id % 2 = u % 2 AND abs(r.score - 1) < 1e-6 AND reason = 'personal') FROM generate_series(1, 40) AS u, recommend_for(u, 10) AS r WHERE r.reason = 'personal'),
  'a score is the cosine of the user''s genre and the item''s');
SELECT ok((SELECT bool_and(EXISTS (SELECT FROM recommend_for(u, 10) WHERE item_id IN (9, 10) AND item_id % 2 = u % 2 AND reason = 'personal')) FROM generate_series(1, 40) AS u),
  'an item that nobody has rated is recommended to those whose genre it has');
SELECT set_eq($$SELECT item_id FROM similar_items(1, 10)$$, $$VALUES (3::bigint), (5), (7), (9)$$, 'similar items share the genre');
SELECT throws_ok($$SELECT similar_users(1, 3)$$, '22023', NULL, 'similar users');

SELECT train_content('likes', 'all', rating_column => NULL, items => 'books', text_columns => '{title}', language => 'english');
SELECT is((SELECT options - '{terms}'::text[] FROM personalize.models WHERE model = 'all'),
  '{"feedback": "implicit", "weighting": "binary", "items": "public.books", "item_key": "item_id", "attributes": ["genre", "tags", "binding", "pages", "facts"],
    "text_columns": ["title"], "language": "english", "min_items": 2, "max_share": 0.5, "seed": 0, "on_duplicate": "sum"}'::jsonb, 'all other columns are attributes, where their types allow it');
SELECT set_eq($$SELECT u::bigint, r.item_id, r.score FROM generate_series(1, 40) AS u, recommend_for(u, 3, 'all') AS r$$,
  $$SELECT user_id, item_id, score FROM recommend_all(3, 'all')$$, 'recommend_all answers as recommend_for');
SELECT ok((SELECT max(abs(r.score - (SELECT sum(contribution) FROM explain_recommendation(u, r.item_id, 50, 'all')))) < 1e-4
             FROM generate_series(1, 40) AS u, recommend_for(u, 10, 'all') AS r WHERE reason = 'personal'), 'explanations add up');
SELECT ok((SELECT bool_and(predict_rating(u, r.item_id, 'all') = r.score) FROM generate_series(1, 40) AS u, recommend_for(u, 10, 'all') AS r WHERE reason = 'personal'), 'predict_rating is the score');
SELECT is((SELECT item_id FROM recommend_for(1, 1, 'all', candidates => ARRAY[9, 10])), 9::bigint, 'candidates');
SELECT is((SELECT reason FROM recommend_for(-1, 1, 'all')), 'popular', 'unknown users are shown what is popular');
INSERT INTO likes VALUES (1000, 2);
SELECT is((SELECT item_id FROM recommend_for(1000, 1, 'all', candidates => ARRAY[9, 10])), 10::bigint, 'one rating tells a new user''s taste');
SELECT ok((SELECT bool_and(value > 0.5) FROM cross_validate('likes', 'train_content', '{"rating_column": null, "items": "books", "attributes": "{genre}"}', folds => 2, k => 5) WHERE metric = 'recall'), 'cross_validate measures it');
SELECT results_eq($$SELECT metric, value FROM cross_validate('likes', 'train_content', '{"rating_column": null, "items": "books", "attributes": ["genre", "tags"]}', folds => 2, k => 5)$$,
  $$SELECT metric, value FROM cross_validate('likes', 'train_content', '{"rating_column": null, "items": "books", "attributes": "{genre,tags}"}', folds => 2, k => 5)$$, 'with arrays as JSON has them');
SELECT throws_ok(format($$SELECT cross_validate('likes', 'train_content', '{"rating_column": null, "items": "books", "attributes": %s}', folds => 2)$$, a), state, NULL, a)
  FROM (VALUES ('[["genre"]]', '22023'), ('[{}]', '22023'), ('["genre", null]', '22004'), ('["none"]', '42703'), ('[1]', '42703')) AS v(a, state);
SELECT ok((SELECT metrics->'measures' IS NOT NULL FROM train_content('likes', 'held', rating_column => NULL, items => 'books', holdout => 0.3)), 'a holdout measures it');

-- The same from shuffled tables, and with more threads.
CREATE TABLE shuffled AS SELECT * FROM books ORDER BY md5(item_id::text);
SET personalize.threads = 1;
SELECT train_content('likes', 'again', rating_column => NULL, items => 'shuffled', text_columns => '{title}', language => 'english');
RESET personalize.threads;
SELECT train_content('likes', 'all', rating_column => NULL, items => 'books', text_columns => '{title}', language => 'english');
SELECT set_eq($$SELECT * FROM recommend_all(5, 'again')$$, $$SELECT * FROM recommend_all(5, 'all')$$, 'the order of rows and threads do not matter');

-- Each type of column says what it should: the items that share item 1's value are similar to it.
CREATE FUNCTION like_one(attribute name) RETURNS bigint[] LANGUAGE plpgsql AS $$
BEGIN
  PERFORM train_content('likes', 'one', rating_column => NULL, items => 'books', attributes => ARRAY[attribute], max_share => 1);
  RETURN ARRAY(SELECT item_id FROM similar_items(1, 10, 'one') ORDER BY 1);
END $$;
SELECT is(like_one('binding'), '{2,3,4,5}', 'an enum');
SELECT is(like_one('tags'), '{3,4,5,7,9,10}', 'an array');
SELECT is(like_one('pages'), '{2,3,4,5}', 'a number: those on the same side of the mean');
SELECT is(like_one('facts'), '{2,3,5,6,7,9,10}', 'jsonb: a string in an array below a key, and a number as a weight');
ALTER TABLE books ADD js json, ADD flag boolean, ADD vec tsvector;
UPDATE books SET js = CASE WHEN item_id IN (1, 4) THEN '{"a": {"b": true}}' WHEN item_id = 5 THEN '{"a.b": 3, "c": null}' ELSE '[null, {"c": false}]' END::json, flag = item_id < 4, vec = to_tsvector('simple', title);
SELECT is(like_one('js'), '{4,5}', 'json: keys below keys');
SELECT is(like_one('flag'), '{2,3}', 'a boolean');
SELECT lives_ok($$SELECT train_content('likes', 'one', rating_column => NULL, items => 'books', attributes => '{}', text_columns => '{vec}')$$, 'a tsvector, and no attributes');
SELECT set_eq($$SELECT item_id FROM similar_items(1, 10, 'one')$$, $$VALUES (3::bigint), (5), (7), (9)$$, 'texts by their words');

-- Nothing is known of some: NULL and empty values, items without a row.
CREATE TABLE bare (item_id bigint, genre text, n float8);
INSERT INTO bare VALUES (1, 'crime', 1), (3, 'crime', 'NaN'), (5, 'crime', 'Infinity'), (2, NULL, NULL), (4, '', 2), (NULL, 'love', 3), (NULL, 'love', 4), (77, repeat('x', 300), 5), (78, repeat('x', 300), 6);
SET client_min_messages = notice;
SELECT train_content('likes', 'bare', rating_column => NULL, items => 'bare', attributes => '{genre}');
SET client_min_messages = warning;
SELECT set_eq($$SELECT item_id FROM similar_items(1, 10, 'bare')$$, $$VALUES (3::bigint), (5)$$, 'what is known is used');
SELECT is((SELECT count(*) FROM similar_items(77, 10, 'bare')), 0::bigint, 'long values are no categories');
SELECT is((SELECT DISTINCT reason FROM recommend_for(2, 3, 'bare')), 'popular', 'who likes only what nothing is known of is shown what is popular');
SELECT is((SELECT count(*) FROM recommend_for(1, 100, 'bare', exclude_seen => false)), 10::bigint, 'items of either table, each once');

-- Dislikes count against an item.
CREATE TABLE stars AS SELECT user_id, item_id, 5 AS rating FROM likes UNION ALL SELECT 1, 2, 1;
SELECT train_content('stars', 'stars', positive_from => 3, items => 'books', attributes => '{genre}');
-- Dislikes alone, or with likes of which nothing is known, or that they outweigh to nothing, are no taste: today and as stored.
CREATE TABLE dislikes AS SELECT * FROM (VALUES (1, 1, 1), (2, 1, 1), (2, 777, 5), (3, 1, 5), (3, 3, 1), (4, 1, 5), (4, 2, 1), (5, 1, 5), (6, 2, 5)) AS v(user_id, item_id, rating);
SELECT train_content('dislikes', 'dislikes', positive_from => 3, items => 'books', attributes => '{genre}', max_share => 1);
SELECT results_eq($$SELECT u::bigint, r.item_id, r.score FROM generate_series(1, 6) AS u, recommend_for(u, 4, 'dislikes') WITH ORDINALITY AS r(item_id, score, reason, place) ORDER BY u, place$$,
  $$SELECT user_id, item_id, score FROM recommend_all(4, 'dislikes') ORDER BY user_id, rank$$, 'lists of now are those that were stored');
SELECT is((SELECT array_agg(u ORDER BY u) FROM generate_series(1, 6) AS u WHERE EXISTS (SELECT FROM recommend_for(u, 4, 'dislikes') WHERE reason = 'personal')), '{4,5,6}', 'who has a taste');
SELECT ok(predict_rating(1, 10, 'stars') < 0 AND predict_rating(1, 9, 'stars') > 0, 'dislikes count against what is like them');
SELECT ok((SELECT bool_and(contribution < 0) FROM explain_recommendation(1, 10, 50, 'stars') WHERE because_of = 2), 'and explanations say so');

-- Bad input.
SELECT throws_ok(format('SELECT train_content(''likes'', rating_column => NULL, items => ''books'', %s)', o), '22023', NULL, o)
  FROM unnest('{min_items => 0,max_share => 0,max_share => 1.1,max_share => ''NaN'',"min_items => 11, attributes => ''{genre}''","attributes => ''{}''","attributes => ''{title}''"}'::text[]) AS o;
SELECT throws_ok(format('SELECT train_content(''likes'', rating_column => NULL, items => ''books'', %s)', o), '22004', NULL, o)
  FROM unnest('{min_items => NULL,max_share => NULL,language => NULL,"attributes => ''{NULL}''"}'::text[]) AS o;
SELECT throws_ok($$SELECT train_content('likes', rating_column => NULL)$$, '22004', NULL, 'no items');
SELECT throws_ok($$SELECT train_content('likes', rating_column => NULL, items => 'books', attributes => '{nope}')$$, '42703', NULL, 'a column that is not there');
SELECT throws_ok($$SELECT train_content('likes', rating_column => NULL, items => 'books', text_columns => '{nope}')$$, '42703', NULL, 'a text column that is not there');
SELECT throws_ok($$SELECT train_content('likes', rating_column => NULL, items => 'books', item_key => 'nope')$$, '42703', NULL, 'a key that is not there');
SELECT throws_ok($$SELECT train_content('likes', rating_column => NULL, items => 'books', attributes => '{added}')$$, '42804', NULL, 'a date');
SELECT throws_ok($$SELECT train_content('likes', rating_column => NULL, items => 'books', text_columns => '{pages}')$$, '42804', NULL, 'a number as a text');
SELECT throws_ok($$SELECT train_content('likes', rating_column => NULL, items => 'books', item_key => 'title')$$, '42804', NULL, 'ids of another type');
SELECT throws_ok($$SELECT train_content('likes', rating_column => NULL, items => 'books', language => 99::oid::regconfig)$$, '42704', NULL, 'a language that is not there');
SELECT throws_ok($$SELECT train_content('stars', feedback => 'explicit', items => 'books')$$, '22023', 'feedback => ''explicit'' does not apply to train_content', 'explicit feedback');
CREATE VIEW twice AS SELECT item_id, genre FROM books UNION ALL SELECT 3, 'love';
SELECT throws_ok($$SELECT train_content('likes', rating_column => NULL, items => 'twice')$$, '22023', 'item 3 is in the table of items more than once', 'repeated ids');
SELECT throws_ok($$SELECT train_content('likes', rating_column => NULL, items => 'nobody')$$, '42P01', NULL, 'no such table');
CREATE VIEW nothing AS SELECT * FROM books WHERE false;
SELECT throws_ok($$SELECT train_content('likes', rating_column => NULL, items => 'nothing')$$, '22023', 'public.nothing has no items', 'no items in the table');
CREATE VIEW heavy AS SELECT item_id, jsonb_build_object('w', 1e200::numeric) AS facts FROM books;
SELECT throws_ok($$SELECT train_content('likes', rating_column => NULL, items => 'heavy')$$, '22023', NULL, 'weights that are too large');
CREATE TABLE words AS SELECT i AS item_id, string_agg(md5((i * 100 + w)::text), ' ') AS title FROM generate_series(1, 3000) AS i, generate_series(1, 50) AS w GROUP BY i;
SET personalize.max_memory = '1MB';
SELECT throws_ok($$SELECT train_content('likes', rating_column => NULL, items => 'words', text_columns => '{title}')$$, '53400', NULL, 'more words than memory is allowed');
RESET personalize.max_memory;

-- A name that needs quotes, a view, and the rights of the caller.
CREATE SCHEMA "my Shop";
CREATE TABLE "my Shop"."Books ""new""" AS SELECT item_id AS "Item Id", genre AS "Genre's" FROM books;
SELECT lives_ok($$SELECT train_content('likes', 'quoted', rating_column => NULL, items => '"my Shop"."Books ""new"""', item_key => 'Item Id', attributes => '{Genre''s}')$$, 'names are quoted');
SELECT ok((SELECT count(*) = 4 FROM similar_items(1, 10, 'quoted')), 'and read');
SELECT throws_ok($$SELECT train_content('likes', 'twice', rating_column => NULL, items => 'books', attributes => '{genre,genre}')$$, '42701', 'attributes names column "genre" twice', 'a column twice');
SELECT throws_ok($$SELECT train_content('likes', 'nothing', rating_column => NULL)$$, '22004', 'items must not be NULL', 'no table of items');
CREATE ROLE content_reader;
GRANT SELECT ON likes TO content_reader;
GRANT SELECT (item_id, genre) ON books TO content_reader;
CREATE TABLE shelves AS SELECT item_id, genre FROM books;
ALTER TABLE shelves ENABLE ROW LEVEL SECURITY;
CREATE POLICY p ON shelves USING (item_id <= 8);
GRANT SELECT ON shelves TO content_reader;
SET ROLE content_reader;
SELECT throws_ok($$SELECT * FROM recommend_for(1, 3)$$, '42501', 'permission denied for model "default"', 'a model is its owner''s');
SELECT throws_ok($$SELECT train_content('likes', 'mine', rating_column => NULL, items => 'books')$$, '42501', NULL, 'columns that one may not read');
SELECT lives_ok($$SELECT train_content('likes', 'mine', rating_column => NULL, items => 'books', attributes => '{genre}')$$, 'columns that one may read');
SELECT is((SELECT items FROM train_content('likes', 'mine', rating_column => NULL, items => 'shelves')), 8::bigint, 'row-level security holds');
RESET ROLE;

-- Planted taste: 10 genres with 30 items each, two words for each genre; users like 12 items of one genre and 3 others. Three items
-- of each genre are new.
CREATE TABLE catalog AS
  SELECT i AS item_id, 'g' || i % 10 AS genre, 'about ' || (ARRAY['x', 'y'])[1 + i / 10 % 2] || i % 10 || ' and n' || i AS title FROM generate_series(0, 299) AS i;
CREATE TABLE tastes AS
  SELECT u AS user_id, i AS item_id FROM generate_series(1, 400) AS u, generate_series(0, 269) AS i
  WHERE CASE WHEN i % 10 = u % 10 THEN hashint8(u * 1000 + i) & 15 < 7 ELSE hashint8(u * 1000 + i) & 127 < 2 END;
SELECT train_content('tastes', 'planted', rating_column => NULL, items => 'catalog', text_columns => '{title}');
CREATE VIEW recall_of_new AS
  SELECT avg((SELECT count(*) FROM recommend_for(u, 20, 'planted') WHERE item_id >= 270 AND item_id % 10 = u % 10) / 3.0) AS content,
         avg((SELECT count(*) FROM popular_items(20, 'planted') WHERE item_id >= 270 AND item_id % 10 = u % 10) / 3.0) AS popularity
  FROM generate_series(1, 400) AS u;
SELECT ok(content >= 0.5 AND popularity < 0.1, format('new items reach those whose taste they match: recall %s, by popularity %s', round(content, 2), round(popularity, 2))) FROM recall_of_new;
SELECT * FROM finish();
