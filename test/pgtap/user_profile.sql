-- user_profile: what is known of a user, for every kind of model, by what the caller may see.
SET client_min_messages = warning;
SET timezone = 'UTC';
SELECT no_plan();
SELECT 'p_' || substr(md5(current_database() || pg_backend_pid()), 1, 8) AS r \gset
SELECT :'r' || '_trainer' AS trainer, :'r' || '_reader' AS reader \gset

-- Readers like the genre of their number, and rate it 4 or 5, others 1 to 3.
CREATE TABLE books (item_id int PRIMARY KEY, genre text, pages int);
INSERT INTO books SELECT i, (ARRAY['crime','love','travel'])[1 + i % 3], 100 + 20 * i FROM generate_series(1, 30) AS i;
CREATE TABLE read (user_id int, item_id int, rating real, at timestamptz, PRIMARY KEY (user_id, item_id));
INSERT INTO read
  SELECT u, i, CASE WHEN i % 3 = u % 3 THEN 5 - (u + i) % 2 ELSE 1 + (u * i) % 3 END, '2026-01-01 12:00+00'::timestamptz + (u + i) * interval '1 day'
    FROM generate_series(1, 30) AS u, generate_series(1, 30) AS i WHERE (u * 7 + i * 5) % 11 < 1 + u % 4;
CREATE FUNCTION told(aspect text, name text, user_id bigint, model text) RETURNS text LANGUAGE sql AS $$
  SELECT coalesce(value::text, '-') || ' ' || coalesce(detail, '-') FROM user_profile($3, $4) AS p WHERE p.aspect = $1 AND p.name = $2
$$;

SELECT train_mf('read', 'likes', factors => 4, positive_from => 3, time_column => 'at');
SELECT train_mf('read', 'stars', factors => 4, feedback => 'explicit', on_duplicate => 'mean');
SELECT train_mf('read', 'descent', factors => 4, feedback => 'explicit', solver => 'sgd');
SELECT train_mf('read', 'sampled', factors => 2, feedback => 'explicit', solver => 'gibbs', iterations => 20);
SELECT train_mf('read', 'kept', factors => 4, feedback => 'explicit', fold_in => false);
SELECT train_knn('read', 'near');
SELECT train_knn('read', 'near_stars', feedback => 'explicit', similarity => 'pearson');
SELECT train_ease('read', 'linear');
SELECT train_content('read', 'tags', items => 'books', positive_from => 3, time_column => 'at');
SELECT train_hybrid('{likes,tags}', model => 'both');
SELECT train_hybrid('{stars,near_stars}', model => 'both_stars');

-- Every kind: the user's rows, their list, and nothing else than the aspects that it has.
CREATE TABLE kinds AS SELECT unnest('{likes,stars,descent,sampled,near,near_stars,linear,tags,both,both_stars}'::text[]) AS model;
SELECT is(ARRAY(SELECT aspect FROM user_profile(7, model) WITH ORDINALITY AS p (aspect, name, value, detail, place) GROUP BY aspect ORDER BY min(place)),
          CASE WHEN model IN ('tags', 'both') THEN '{activity,rating,favourite,disliked,favourite item,personal}' ELSE '{activity,rating,favourite item,personal}' END::text[],
          'aspects, in order: ' || model) FROM kinds;
SELECT is((SELECT value FROM user_profile(7, model) WHERE name = 'ratings'), (SELECT count(*)::float8 FROM read WHERE user_id = 7), 'ratings: ' || model) FROM kinds;
SELECT is((SELECT value FROM user_profile(7, model) WHERE name = 'mean'), (SELECT round(avg(rating)::numeric, 3)::float8 FROM read WHERE user_id = 7), 'mean: ' || model) FROM kinds;
SELECT is((SELECT value FROM user_profile(7, model) WHERE name = 'deviation'), (SELECT round(stddev_pop(rating)::numeric, 3)::float8 FROM read WHERE user_id = 7), 'deviation: ' || model) FROM kinds;
SELECT is((SELECT value FROM user_profile(7, model) WHERE name = 'share personal'), (SELECT avg((reason LIKE 'personal%')::int)::float8 FROM recommend_for(7, 10, model)), 'share personal: ' || model) FROM kinds;
SELECT is((SELECT value FROM user_profile(7, model) WHERE name = 'overlap with popular'),
          (SELECT avg((item_id IN (SELECT item_id FROM recommend_for(NULL::bigint, 100, k.model) WHERE item_id NOT IN (SELECT item_id FROM read WHERE user_id = 7) LIMIT 10))::int)::float8
             FROM recommend_for(7, 10, k.model)), 'overlap with popular: ' || model) FROM kinds AS k;
SELECT is(told('personal', 'answers', 7, model), '- by their ratings as they are now', 'answers: ' || model) FROM kinds;
SELECT is(ARRAY(SELECT name::int FROM user_profile(7, model) WHERE aspect = 'favourite item'),
          ARRAY(SELECT item_id FROM read WHERE user_id = 7 AND rating > (SELECT avg(rating) FROM read WHERE user_id = 7) AND rating >= 3
                ORDER BY rating DESC, CASE WHEN model IN ('likes', 'tags', 'both') THEN at END DESC, item_id LIMIT 5),
          'favourite items: ' || model) FROM kinds;

-- What some know besides.
SELECT is(told('activity', 'first rating', 7, 'likes'), '- ' || (SELECT min(at) FROM read WHERE user_id = 7), 'the first rating');
SELECT is(told('activity', 'last rating', 7, 'tags'), '- ' || (SELECT max(at) FROM read WHERE user_id = 7), 'the last rating');
SELECT is(told('activity', 'first rating', 7, 'stars'), NULL, 'no times without a time column');
SELECT is(told('rating', 'liked', 7, 'likes'), (SELECT format('%s %1$s of %s items, those rated 3 or more', count(*) FILTER (WHERE rating >= 3), count(*)) FROM read WHERE user_id = 7), 'likes');
SELECT matches(told('rating', 'mean', 7, 'stars'), (SELECT '^2.727 ' || round((avg(rating) FILTER (WHERE user_id = 7) - avg(rating))::numeric, 4) || ' above the mean of all ratings, ' || round(avg(rating)::numeric, 3) || '$' FROM read), 'beside the mean of all');
SELECT is(told('activity', 'items', 7, 'likes'), (SELECT format('%s more than %s %% of the users of the training', max(n) FILTER (WHERE user_id = 7), floor(100 * avg((n < own)::int)))
  FROM (SELECT user_id, count(*) AS n FROM read GROUP BY 1) AS c, (SELECT count(*) AS own FROM read WHERE user_id = 7) AS o), 'beside the activity of others');
SELECT is((SELECT array_agg(name ORDER BY name) FROM user_profile(7, 'tags') WHERE aspect = 'favourite' AND name <> 'pages'), '{genre=love,genre=travel}', 'genres');
SELECT is((SELECT name || ' ' || detail FROM user_profile(7, 'tags') WHERE aspect = 'disliked'),
  'genre=crime of ' || (SELECT count(*) FROM read JOIN books USING (item_id) WHERE user_id = 7 AND genre = 'crime') || ' disliked items', 'a genre that is disliked');
SELECT results_eq($$SELECT * FROM user_profile(7, 'both') WHERE aspect IN ('favourite', 'disliked')$$, $$SELECT * FROM user_profile(7, 'tags') WHERE aspect IN ('favourite', 'disliked')$$, 'of a hybrid those of its component');
SELECT is((SELECT detail FROM user_profile(7, 'both') WHERE name = 'share personal'),
  (SELECT '10 of 10 answers are there by their taste: ' || string_agg(n || ' ' || reason, ', ' ORDER BY reason) FROM (SELECT reason, count(*) AS n FROM recommend_for(7, 10, 'both') GROUP BY 1) AS r), 'of a hybrid who speaks');

-- A time column of numbers, and no rating column.
CREATE VIEW seconds AS SELECT user_id, item_id, extract(epoch FROM at)::bigint AS at FROM read;
SELECT train_knn('seconds', 'seconds', rating_column => NULL, time_column => 'at');
SELECT is((SELECT array_agg(value::bigint ORDER BY value) FROM user_profile(7, 'seconds') WHERE name ~ 'rating$'), (SELECT ARRAY[min(at), max(at)] FROM seconds WHERE user_id = 7), 'times as the column has them');
SELECT is_empty($$SELECT * FROM user_profile(7, 'seconds') WHERE aspect IN ('rating', 'favourite item')$$, 'nothing is said of ratings that are none');

-- Who is unknown, new, or has nothing left.
CREATE TABLE nobody (row_of text);
INSERT INTO nobody VALUES ('(activity,ratings,0,"no history")'), ('(activity,items,0,)'), ('(personal,answers,,"nothing is known of this user: they get what is popular")'),
  ('(personal,"share personal",0,"0 of 10 answers are there by their taste")'), ('(personal,"overlap with popular",1,"10 of 10 answers are among the most popular items that they have not seen")');
SELECT results_eq(format('SELECT p::text FROM user_profile(%s, %L) AS p', id, model), 'TABLE nobody', 'nobody: ' || id || ' ' || model) FROM kinds, unnest(ARRAY['999', 'NULL::bigint', '''999''']) AS id;
SELECT is(told('personal', 'answers', 999, 'kept'), '- nothing is known of this user: they get what is popular', 'unknown to a model that keeps to what is stored');
BEGIN;
INSERT INTO read VALUES (1000, 2, 5, NULL), (1000, 777, 1, NULL);
SELECT is(told('personal', 'answers', 1000, 'tags'), '- by their ratings as they are now; new since the training', 'a new user');
SELECT is(told('activity', 'ratings', 1000, 'tags'), '2 1 of them of items that the model does not know', 'with an item that is new, too');
SELECT is(told('activity', 'first rating', 1000, 'tags'), NULL, 'and no time');
SELECT is(told('favourite', 'genre=travel', 1000, 'tags'), told('favourite', 'genre=travel', 1000, 'both'), 'has favourites');
INSERT INTO read VALUES (1001, 2, 1, NULL);
SELECT is(told('personal', 'answers', 1001, 'likes'), '- what they rated tells no taste: they get what is popular', 'who dislikes all');
DELETE FROM read WHERE user_id = 7;
SELECT is(told('personal', 'answers', 7, 'likes'), '- nothing is known of this user: they get what is popular', 'whose ratings are gone');
INSERT INTO read SELECT 7, item_id, 5 FROM books;
SELECT is(told('personal', 'share personal', 7, 'likes'), '- no item is left to recommend', 'who has everything');
ROLLBACK;
SELECT is(told('personal', 'answers', 7, 'kept'), '- by what was stored of them at the training', 'stored');
SELECT is((SELECT string_agg(name, ',') FROM user_profile(7, 'kept')), 'items,answers,share personal,overlap with popular', 'and no ratings');

-- Ids of other types.
CREATE TABLE named AS SELECT 'u' || user_id AS user_id, md5(item_id::text)::uuid AS item_id, rating FROM read;
CREATE TABLE keyed AS SELECT md5(user_id::text)::uuid AS user_id, 'i' || item_id AS item_id, rating FROM read;
SELECT train_knn('named', 'named'), train_knn('keyed', 'keyed');
SELECT ok((SELECT bool_and(name::uuid IN (SELECT item_id FROM named WHERE user_id = 'u7')) AND count(*) = 5 FROM user_profile('u7', 'named') WHERE aspect = 'favourite item'), 'text, and items of uuid');
SELECT ok((SELECT bool_and(name IN (SELECT item_id FROM keyed WHERE user_id = md5('7')::uuid)) AND count(*) = 5 FROM user_profile(md5('7')::uuid, 'keyed') WHERE aspect = 'favourite item'), 'uuid, and items of text');
SELECT results_eq($$SELECT * FROM user_profile(md5('7'), 'keyed')$$, $$SELECT * FROM user_profile(md5('7')::uuid, 'keyed')$$, 'a uuid as text, as drivers send it');
SELECT results_eq($$SELECT * FROM user_profile('7', 'likes')$$, $$SELECT * FROM user_profile(7, 'likes')$$, 'a number as text');
SELECT results_eq($$SELECT * FROM user_profile(model => 'likes', user_id => 7::smallint)$$, $$SELECT * FROM user_profile(7, 'likes')$$, 'arguments by name, a smallint');

-- The segment.
CREATE TABLE customers AS SELECT u AS user_id, u % 2 * 100 + u AS spend FROM generate_series(1, 30) AS u;
INSERT INTO customers VALUES (31, 1e6);
SELECT train_kmeans('customers', '{spend}', 2, key_column => 'user_id');
SELECT train_dbscan('customers', '{spend}', 0.1, 3, model => 'dense', key_column => 'user_id');
SELECT train_kmeans('customers', '{spend}', 1, model => 'one', key_column => 'user_id');
SELECT results_eq($$SELECT p.* FROM user_profile(7, 'likes', 'segments') AS p WHERE aspect = 'segment'$$,
  $$SELECT 'segment', 'segments', segment::float8, format('one of %s, %s %% of all: %s', size, round(100 * share), summary) FROM segment_profile() WHERE segment = segment_of(7)$$, 'the segment of a user');
SELECT is(ARRAY(SELECT aspect FROM user_profile(7, 'likes', 'segments') WITH ORDINALITY AS p (aspect, name, value, detail, place) GROUP BY aspect ORDER BY min(place)),
  '{activity,rating,favourite item,segment,personal}', 'before what is personal');
SELECT is((SELECT detail FROM user_profile(31, 'likes', 'dense') WHERE aspect = 'segment'), 'in no segment, or not in the table of the segments', 'noise');
SELECT is((SELECT detail FROM user_profile(999, 'likes', 'segments') WHERE aspect = 'segment'), 'in no segment, or not in the table of the segments', 'not there');
SELECT is((SELECT count(*) FROM user_profile(NULL::bigint, 'likes', 'segments') WHERE aspect = 'segment' AND value IS NULL), 1::bigint, 'nobody');
SELECT is((SELECT detail FROM user_profile(7, 'likes', 'one') WHERE aspect = 'segment'), 'one of 31, 100 % of all', 'one segment is like all');
SELECT results_eq($$SELECT * FROM user_profile('7', 'likes', 'dense')$$, $$SELECT * FROM user_profile(7, 'likes', 'dense')$$, 'by text, too');

-- The same whatever the plan and the order of rows.
PREPARE profile AS SELECT * FROM user_profile($1, $2, $3);
SET plan_cache_mode = force_generic_plan;
SELECT results_eq($$EXECUTE profile('7', 'likes', NULL)$$, $$SELECT * FROM user_profile(7, 'likes')$$, 'prepared');
SELECT results_eq($$EXECUTE profile('7', 'likes', 'segments')$$, $$SELECT * FROM user_profile(7, 'likes', 'segments')$$, 'prepared, with segments');
RESET plan_cache_mode;
CREATE TABLE before AS SELECT * FROM user_profile(7, 'tags') WITH ORDINALITY;
CREATE TABLE again AS SELECT * FROM read ORDER BY md5(user_id || ' ' || item_id);
TRUNCATE read;
INSERT INTO read SELECT * FROM again;
SELECT results_eq($$SELECT * FROM user_profile(7, 'tags') WITH ORDINALITY$$, 'TABLE before', 'rows in another order');

-- What is refused.
SELECT throws_ok($$SELECT * FROM user_profile(7, 'none')$$, '42704', 'model "none" does not exist', 'no such model');
SELECT throws_ok($$SELECT * FROM user_profile(7, NULL)$$, '22004', NULL, 'model NULL');
SELECT throws_ok($$SELECT * FROM user_profile(7, 'segments')$$, '42809', 'model "segments" holds segments, and recommends nothing', 'a model of segments');
SELECT throws_ok($$SELECT * FROM user_profile(7, 'likes', 'none')$$, '42704', 'model "none" does not exist', 'no such segments');
SELECT throws_ok($$SELECT * FROM user_profile(7, 'likes', 'tags')$$, '42809', NULL, 'segments that are none');
SELECT throws_ok($$SELECT * FROM user_profile('x', 'likes')$$, '22P02', NULL, 'a text that is no id');
SELECT throws_ok($$SELECT * FROM user_profile(md5('7')::uuid, 'likes')$$, '42804', NULL, 'an id of another type');
SELECT train_kmeans('customers', '{spend}', 2, model => 'keyless');
SELECT throws_ok($$SELECT * FROM user_profile(7, 'likes', 'keyless')$$, '55000', 'model "keyless" was trained without a key', 'segments without a key');

-- Rights: of the model, of the ratings, row by row, and of the segments.
CREATE ROLE :"trainer";
CREATE ROLE :"reader";
GRANT CREATE, USAGE ON SCHEMA public TO :"trainer";
ALTER TABLE read OWNER TO :"trainer";
ALTER TABLE books OWNER TO :"trainer";
ALTER TABLE customers OWNER TO :"trainer";
SET ROLE :"trainer";
SELECT train_content('read', 'theirs', items => 'books', positive_from => 3, time_column => 'at'), train_kmeans('customers', '{spend}', 2, model => 'groups', key_column => 'user_id');
SET ROLE :"reader";
SELECT throws_ok($$SELECT * FROM user_profile(7, 'theirs')$$, '42501', 'permission denied for model "theirs"', 'a model is its owner''s');
SELECT throws_ok($$SELECT * FROM personalize.user_profile_rows(7, 'theirs')$$, '42501', 'permission denied for model "theirs"', 'by the back door, too');
SET ROLE :"trainer";
SELECT grant_model('theirs', :'reader');
SET ROLE :"reader";
SELECT is((SELECT string_agg(DISTINCT name, ',' ORDER BY name) FROM user_profile(7, 'theirs') WHERE aspect NOT IN ('favourite', 'disliked')), 'answers,items,overlap with popular,share personal', 'granted without the ratings: what is stored');
SELECT is(told('personal', 'answers', 7, 'theirs'), '- by what was stored of them at the training', 'and it says so');
SELECT throws_ok($$SELECT * FROM user_profile(7, 'theirs', 'groups')$$, '42501', 'permission denied for model "groups"', 'segments are their owner''s');
SET ROLE :"trainer";
SELECT grant_model('groups', :'reader');
SET ROLE :"reader";
SELECT throws_ok($$SELECT * FROM user_profile(7, 'theirs', 'groups')$$, '42501', 'permission denied for table customers', 'nor is their table read');
RESET ROLE;
GRANT SELECT ON customers TO :"reader";
GRANT SELECT (user_id, item_id, rating) ON read TO :"reader";
SET ROLE :"reader";
SELECT is((SELECT count(*) FROM user_profile(7, 'theirs', 'groups') WHERE aspect = 'segment'), 1::bigint, 'it is, with the right');
SELECT is(told('activity', 'ratings', 7, 'theirs'), NULL, 'rights on some columns are not enough');
RESET ROLE;
GRANT SELECT (at) ON read TO :"reader";
ALTER TABLE read ENABLE ROW LEVEL SECURITY;
CREATE POLICY good_ones ON read TO :"reader" USING (rating > 3 AND user_id <> 8);
ALTER TABLE customers ENABLE ROW LEVEL SECURITY;
SET ROLE :"reader";
SELECT is((SELECT value FROM user_profile(7, 'theirs') WHERE name = 'ratings'), (SELECT count(*)::float8 FROM read WHERE user_id = 7), 'the rows that one may see');
SELECT is((SELECT detail FROM user_profile(7, 'theirs') WHERE name = 'deviation'), 'from 4 to 5', 'tell of no others');
SELECT is((SELECT count(*) FROM user_profile(7, 'theirs') WHERE aspect = 'disliked'), 0::bigint, 'nor of what is disliked there');
SELECT is((SELECT detail FROM user_profile(7, 'theirs', 'groups') WHERE aspect = 'segment'), 'in no segment, or not in the table of the segments', 'of the segments'' table, too');
SELECT is(ARRAY(SELECT p::text FROM user_profile(8, 'theirs') AS p), ARRAY(SELECT p::text FROM user_profile(99999, 'theirs') AS p), 'who is hidden is like who is unknown');
RESET ROLE;
SELECT is(told('personal', 'answers', 7, 'theirs'), '- by what was stored of them at the training', 'a superuser does not read the source of another');

SELECT * FROM finish();
DROP OWNED BY :"trainer", :"reader" CASCADE;
DROP ROLE :"trainer", :"reader";
