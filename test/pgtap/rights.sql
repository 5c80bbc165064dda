-- Rights: everyone sees what they may, of the ratings and of the models; names are just names; nobody's operators,
-- functions or casts run with another's rights.
SET client_min_messages = warning;
SELECT no_plan();

-- Roles belong to the whole server: names of this database's own, dropped at the end.
SELECT 'r_' || substr(md5(current_database() || pg_backend_pid()), 1, 8) AS r \gset
SELECT :'r' || '_trainer' AS trainer, :'r' || '_reader' AS reader, :'r' || '_member' AS member, :'r' || '_team' AS team, :'r' || '_stranger' AS stranger,
       :'r' || '"; DROP TABLE ratings; --' AS odd \gset
CREATE ROLE :"trainer";
CREATE ROLE :"reader";
CREATE ROLE :"team";
CREATE ROLE :"member" IN ROLE :"team";
CREATE ROLE :"stranger";
CREATE ROLE :"odd";
GRANT CREATE, USAGE ON SCHEMA public TO :"trainer", :"stranger";
CREATE FUNCTION try(statement text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE statement;
  RETURN 'done';
EXCEPTION WHEN OTHERS THEN
  RETURN SQLSTATE || ' ' || SQLERRM;
END $$;

CREATE TABLE ratings (user_id int, item_id int, rating int, secret text);
CREATE INDEX ON ratings (user_id);
INSERT INTO ratings SELECT u, i, 1 FROM generate_series(1, 40) AS u,
  LATERAL (SELECT i FROM generate_series(u % 2, 39, 2) AS i ORDER BY md5(u || ' ' || i) LIMIT 6) AS chosen;
ALTER TABLE ratings OWNER TO :"trainer";

-- Training needs SELECT on what it reads, and on no more.
SET ROLE :"stranger";
SELECT throws_ok($$SELECT train_mf('ratings', 'mine')$$, '42501', 'permission denied for table ratings', 'no training without SELECT');
RESET ROLE;
GRANT SELECT (user_id, item_id) ON ratings TO :"stranger";
SET ROLE :"stranger";
SELECT throws_ok($$SELECT train_mf('ratings', 'mine')$$, '42501', 'permission denied for table ratings', 'nor with rights on some of the columns');
SELECT lives_ok($$SELECT train_mf('ratings', 'columns', rating_column => NULL, factors => 2, iterations => 2)$$, 'rights on the columns are enough');
SELECT is((SELECT array_agg(DISTINCT reason) FROM recommend_for(4, 5, 'columns')), '{personal}', 'for serving, too');
SELECT throws_ok($$SELECT train_mf('ratings', 'columns', rating_column => NULL, time_column => 'secret', factors => 2)$$, '42804', NULL, 'a column of no use is named');
RESET ROLE;
SELECT is((SELECT owner FROM personalize.models WHERE model = 'columns'), :'stranger', 'a model belongs to who trains it');
REVOKE SELECT (user_id, item_id) ON ratings FROM :"stranger";

-- A model is its owner's.
SET ROLE :"trainer";
SELECT lives_ok($$SELECT train_mf('ratings', 'books', factors => 2, iterations => 3)$$, 'the owner of the table trains');
SELECT is((SELECT array_agg(DISTINCT model) FROM personalize.models), '{books}', 'sees their own model in the list, and not another''s');
SELECT is((SELECT array_agg(DISTINCT reason) FROM recommend_for(4, 5, 'books')), '{personal}', 'and is served');
RESET ROLE;
CREATE TABLE calls (call text);
INSERT INTO calls VALUES ('recommend_for(4, 5, ''books'')'), ('recommend_for(''4''::text, 5, ''books'')'), ('recommend_for(NULL, 5, ''books'')'), ('recommend_all(5, ''books'')'), ('predict_rating(4, 2, ''books'')'), ('predict_rating(NULL, 2, ''books'')'),
  ('similar_items(2, 5, ''books'')'), ('similar_users(4, 5, ''books'')'), ('popular_items(5, ''books'')'), ('user_factors(''books'')'), ('item_factors(''books'')');
CREATE TABLE changes (call text);
INSERT INTO changes VALUES ('train_mf(''ratings'', ''books'', factors => 2, iterations => 1)'), ('drop_model(''books'')'), ('activate_model(''books'', 1)'),
  ('grant_model(''books'', ''public'')'), ('revoke_model(''books'', ''public'')');
GRANT SELECT ON calls, changes, ratings TO PUBLIC;
GRANT EXECUTE ON FUNCTION try TO PUBLIC;
SET ROLE :"reader";
SELECT is(try('SELECT * FROM ' || call), '42501 permission denied for model "books"', 'without the model: ' || call) FROM calls;
SELECT is(try('SELECT * FROM ' || call), '42501 permission denied for model "books"', 'without the model: ' || call) FROM changes;
SELECT is((SELECT count(*) FROM personalize.models), 0::bigint, 'nor is it listed');
SELECT is(try('SELECT * FROM recommend_for(4, 5, ''no such'')'), '42704 model "no such" does not exist', 'a model that there is not is another error');
SELECT throws_ok('SELECT * FROM personalize.model', '42501', NULL, 'no rights on the tables: model');
SELECT throws_ok('SELECT * FROM personalize.model_block', '42501', NULL, 'no rights on the tables: model_block');
SELECT throws_ok('INSERT INTO personalize.model_grant VALUES (''books'', ''public'')', '42501', NULL, 'no rights on the tables: model_grant');
RESET ROLE;

-- Granted: used, not changed.
SET ROLE :"trainer";
SELECT lives_ok(format('SELECT grant_model(''books'', %L)', :'reader'), 'grant to a role');
SET ROLE :"reader";
SELECT is(try('SELECT * FROM ' || call), 'done', 'granted: ' || call) FROM calls;
SELECT is(try('SELECT * FROM ' || call), '42501 permission denied for model "books"', 'granted, but not to change: ' || call) FROM changes;
SELECT is((SELECT array_agg(DISTINCT model) FROM personalize.models), '{books}', 'granted: listed');
SET ROLE :"trainer";
SELECT lives_ok($$SELECT train_mf('ratings', 'books', factors => 2, iterations => 2)$$, 'trained again');
SET ROLE :"reader";
SELECT is(try('SELECT * FROM recommend_for(4, 5, ''books'')'), 'done', 'the grant is of the model, not of a version');
SET ROLE :"trainer";
SELECT lives_ok(format('SELECT revoke_model(''books'', %L)', :'reader'), 'revoke');
SET ROLE :"reader";
SELECT is(try('SELECT * FROM ' || call), '42501 permission denied for model "books"', 'revoked: ' || call) FROM calls;
-- to a role that others are members of, and to everyone
SET ROLE :"trainer";
SELECT lives_ok(format('SELECT grant_model(''books'', %L)', :'team'), 'grant to a team');
SET ROLE :"member";
SELECT is(try('SELECT * FROM recommend_for(4, 5, ''books'')'), 'done', 'a member of the team is served');
SELECT is((SELECT array_agg(DISTINCT model) FROM personalize.models), '{books}', 'and finds it listed');
SET ROLE :"stranger";
SELECT is(try('SELECT * FROM recommend_for(4, 5, ''books'')'), '42501 permission denied for model "books"', 'others are not');
RESET ROLE;
REVOKE :"team" FROM :"member";
SET ROLE :"member";
SELECT is(try('SELECT * FROM recommend_for(4, 5, ''books'')'), '42501 permission denied for model "books"', 'nor one who left the team');
SET ROLE :"trainer";
SELECT lives_ok('SELECT grant_model(''books'', ''public'')', 'grant to public');
SET ROLE :"stranger";
SELECT is(try('SELECT * FROM recommend_for(4, 5, ''books'')'), 'done', 'everyone is served');
SELECT is((SELECT count(*) FROM personalize.models WHERE model = 'books'), 2::bigint, 'and finds it listed');
SET ROLE :"trainer";
SELECT lives_ok('SELECT revoke_model(''books'', ''public'')', 'revoke from public');
SELECT lives_ok(format('SELECT revoke_model(''books'', %L)', :'team'), 'revoke from the team');
-- an owner's fellow
RESET ROLE;
GRANT :"trainer" TO :"member";
SET ROLE :"member";
SELECT is(try('SELECT * FROM ' || call), 'done', 'a member of the owner owns: ' || call) FROM changes WHERE call !~ 'drop|revoke|activate';
SELECT is(try('SELECT revoke_model(''books'', ''public'')'), 'done', 'a member of the owner owns: revoke');
RESET ROLE;
SELECT is((SELECT array_agg(DISTINCT owner) FROM personalize.models WHERE model = 'books'), ARRAY[:'trainer']::name[], 'a training by a fellow leaves the model to its owner');
REVOKE :"trainer" FROM :"member";

-- Serving reads the ratings as the caller: no SELECT, and what is stored serves; row-level security, and only the rows that they may see.
CREATE FUNCTION asked(model text, item_user int) RETURNS text LANGUAGE sql AS $$
  SELECT string_agg(item_id || ' ' || score || ' ' || reason, ',' ORDER BY k) FROM recommend_for(item_user, 5, model) WITH ORDINALITY AS r(item_id, score, reason, k)
$$;
REVOKE SELECT ON ratings FROM PUBLIC;
SET ROLE :"trainer";
SELECT count(*) FROM train_mf('ratings', 'books', factors => 2, iterations => 3) \gset trained_
SELECT grant_model('books', :'reader') \gset
SELECT asked('books', 4) AS answer \gset
BEGIN;
INSERT INTO ratings SELECT 4, i, 1 FROM generate_series(21, 39, 2) AS i;
SELECT isnt(asked('books', 4), :'answer', 'who may read the ratings is answered by those of now');
SET LOCAL ROLE :"reader";
SELECT is(asked('books', 4), :'answer', 'who may not is answered by those of the training');
SET LOCAL ROLE :"trainer";
GRANT SELECT (user_id, item_id) ON ratings TO :"reader";
SET LOCAL ROLE :"reader";
SELECT is(asked('books', 4), :'answer', 'who may read some of the columns, too');
SET LOCAL ROLE :"trainer";
GRANT SELECT (rating) ON ratings TO :"reader";
SET LOCAL ROLE :"reader";
SELECT isnt(asked('books', 4), :'answer', 'who may read the columns that are needed is answered by those of now');
ROLLBACK;
SET ROLE :"reader";
SELECT is(asked('books', 4), :'answer', 'and again not');
SET ROLE :"trainer";
GRANT SELECT ON ratings TO :"reader";
ALTER TABLE ratings ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON ratings TO :"reader" USING (user_id = current_setting('app.reading')::int);
CREATE POLICY two ON ratings TO :"stranger" USING (user_id <= 2);
GRANT SELECT ON ratings TO :"stranger";
SELECT is(asked('books', 4), :'answer', 'row-level security does not bind the owner');
SET ROLE :"reader";
SET app.reading = 4;
SELECT is(asked('books', 4), :'answer', 'one sees the answer to one''s own rows');
SELECT is((SELECT array_agg(DISTINCT reason) FROM recommend_for(5, 5, 'books')), '{popular}', 'and of another nothing, so popular items');
SET app.reading = 5;
SELECT is((SELECT array_agg(DISTINCT reason) FROM recommend_for(5, 5, 'books')), '{personal}', 'the policy is asked at each call');
SELECT is((SELECT array_agg(DISTINCT reason) FROM recommend_for(4, 5, 'books')), '{popular}', 'at each call');
SET ROLE :"trainer";
SELECT is(asked('books', 4), :'answer', 'the same session as another role is answered as that role');
SET ROLE :"stranger";
SELECT is((SELECT users FROM train_mf('ratings', 'two', factors => 1, iterations => 1)), 2::bigint, 'a training reads the rows that its caller may see');
SET row_security = off;
SELECT throws_ok($$SELECT train_mf('ratings', 'two')$$, '42501', NULL, 'row_security = off is an error, not a way around');
RESET row_security;
SET ROLE :"reader";
SELECT throws_ok($$SELECT train_mf('ratings', 'three') FROM set_config('app.reading', '777', false) AS s$$, '22023',
  'public.ratings has no rating to use: 0 rows read, 0 skipped', 'no row that one may see: an error that says so');
RESET ROLE;
RESET app.reading;

-- A view serves its owner's rows to those who may read the view.
SET ROLE :"trainer";
CREATE VIEW shared AS SELECT user_id, item_id, rating FROM ratings;
SELECT count(*) FROM train_mf('shared', 'shared', factors => 2, iterations => 3) \gset trained_
SELECT grant_model('shared', :'member') \gset
GRANT SELECT ON shared TO :"member";
SELECT asked('shared', 4) AS answer \gset
BEGIN;
DELETE FROM ratings WHERE user_id = 4;
SET LOCAL ROLE :"member";
SELECT isnt(asked('shared', 4), :'answer', 'through a view the rows of now are read without rights on its table');
ROLLBACK;
-- A schema that one may not use hides its tables.
RESET ROLE;
CREATE SCHEMA hidden AUTHORIZATION :"trainer";
SET ROLE :"trainer";
CREATE TABLE hidden.ratings AS SELECT user_id, item_id, rating FROM public.ratings;
GRANT SELECT ON hidden.ratings TO :"member";
SELECT count(*) FROM train_mf('hidden.ratings', 'hidden', factors => 2, iterations => 3) \gset trained_
SELECT grant_model('hidden', :'member') \gset
SELECT asked('hidden', 4) AS answer \gset
BEGIN;
DELETE FROM hidden.ratings WHERE user_id = 4;
SET LOCAL ROLE :"member";
SELECT is(asked('hidden', 4), :'answer', 'a table in a schema that one may not use is not read');
ROLLBACK;
RESET ROLE;

-- Names are just names.
CREATE TABLE x (kept int);
CREATE SCHEMA "s""; DROP TABLE x; --";
CREATE TABLE "s""; DROP TABLE x; --"."t""; DROP TABLE x; --"
  ("u""; DROP TABLE x; --" int, "i'; DROP TABLE x; --" int, "r$1; DROP TABLE x; --" real, "at \; DROP TABLE x; --" date);
INSERT INTO "s""; DROP TABLE x; --"."t""; DROP TABLE x; --" SELECT user_id, item_id, rating, '2026-01-01' FROM ratings;
SELECT lives_ok($test$SELECT train_mf('"s""; DROP TABLE x; --"."t""; DROP TABLE x; --"', 'm"; DROP TABLE x; -- '' $1', user_column => 'u"; DROP TABLE x; --',
  item_column => 'i''; DROP TABLE x; --', rating_column => 'r$1; DROP TABLE x; --', time_column => 'at \; DROP TABLE x; --', on_duplicate => 'last', factors => 2, iterations => 3)$test$, 'odd names are just names');
SELECT is((SELECT array_agg(DISTINCT reason) FROM recommend_for(4, 5, 'm"; DROP TABLE x; -- '' $1')), '{personal}', 'for serving, too');
SELECT is((SELECT source FROM personalize.models WHERE model = 'm"; DROP TABLE x; -- '' $1'), '"s""; DROP TABLE x; --"."t""; DROP TABLE x; --"', 'and the list quotes them');
SELECT lives_ok(format('SELECT grant_model(%L, %L)', 'm"; DROP TABLE x; -- '' $1', :'odd'), 'a role with an odd name');
SET ROLE :"odd";
SELECT is((SELECT array_agg(DISTINCT reason) FROM public.recommend_for(4, 5, 'm"; DROP TABLE x; -- '' $1')), '{personal}', 'is served');
RESET ROLE;
SELECT lives_ok($$SELECT activate_model('m"; DROP TABLE x; -- '' $1', 1)$$, 'activated');
SELECT lives_ok($$SELECT drop_model('m"; DROP TABLE x; -- '' $1')$$, 'dropped');
SELECT throws_ok($$SELECT drop_model('m"; DROP TABLE x; --')$$, '42704', 'model "m"; DROP TABLE x; --" does not exist', 'and not found');
SELECT has_table('x'::name);

-- A search_path full of traps. Each writes down who it ran as; a trap may spring for the one who set the path, as in any
-- of their queries, and never as another role: not as the owner of the model tables, that is.
CREATE SCHEMA traps AUTHORIZATION :"stranger";
CREATE TABLE traps.sprung (trap text, who name);
GRANT ALL ON traps.sprung TO PUBLIC;
SET ROLE :"stranger";
CREATE FUNCTION traps.spring(trap text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO traps.sprung VALUES (trap, current_user);
  RETURN true;
END $$;
GRANT USAGE ON SCHEMA traps TO PUBLIC;
CREATE FUNCTION traps.equal(text, text) RETURNS boolean LANGUAGE sql AS $$ SELECT traps.spring('text =') $$;
CREATE FUNCTION traps.equal(name, name) RETURNS boolean LANGUAGE sql AS $$ SELECT traps.spring('name =') $$;
CREATE FUNCTION traps.equal(name, text) RETURNS boolean LANGUAGE sql AS $$ SELECT traps.spring('name = text') $$;
CREATE FUNCTION traps.equal(uuid, uuid) RETURNS boolean LANGUAGE sql AS $$ SELECT traps.spring('uuid =') $$;
CREATE FUNCTION traps.equal(int, bigint) RETURNS boolean LANGUAGE sql AS $$ SELECT traps.spring('int = bigint') $$;
CREATE FUNCTION traps.equal(int, int) RETURNS boolean LANGUAGE sql AS $$ SELECT traps.spring('int =') $$;
CREATE FUNCTION traps.greater(int, bigint) RETURNS boolean LANGUAGE sql AS $$ SELECT traps.spring('int > bigint') $$;
CREATE FUNCTION traps.plus(int, int) RETURNS int LANGUAGE sql AS $$ SELECT 7 WHERE traps.spring('int +') $$;
CREATE FUNCTION traps.max(int) RETURNS int LANGUAGE sql AS $$ SELECT 7 WHERE traps.spring('max') $$;
CREATE FUNCTION traps."now"() RETURNS timestamptz LANGUAGE sql AS $$ SELECT '2000-01-01'::timestamptz WHERE traps.spring('now') $$;
CREATE FUNCTION traps."coalesce"(int, int) RETURNS int LANGUAGE sql AS $$ SELECT 7 WHERE traps.spring('coalesce') $$;
CREATE FUNCTION traps.quote_literal(text) RETURNS text LANGUAGE sql AS $$ SELECT 'x' WHERE traps.spring('quote_literal') $$;
CREATE FUNCTION traps.string_agg(text, text) RETURNS text LANGUAGE sql AS $$ SELECT 'x' WHERE traps.spring('string_agg') $$;
CREATE FUNCTION traps.date_part(text, date) RETURNS float8 LANGUAGE sql AS $$ SELECT 1.0::float8 WHERE traps.spring('date_part') $$;
CREATE FUNCTION traps.jsonb(text) RETURNS pg_catalog.jsonb LANGUAGE sql AS $$ SELECT '{}'::pg_catalog.jsonb WHERE traps.spring('jsonb') $$;
CREATE FUNCTION traps.current_user() RETURNS name LANGUAGE sql AS $$ SELECT 'postgres'::name WHERE traps.spring('current_user') $$;
CREATE OPERATOR traps.= (FUNCTION = traps.equal, LEFTARG = text, RIGHTARG = text);
CREATE OPERATOR traps.= (FUNCTION = traps.equal, LEFTARG = name, RIGHTARG = name);
CREATE OPERATOR traps.= (FUNCTION = traps.equal, LEFTARG = name, RIGHTARG = text);
CREATE OPERATOR traps.= (FUNCTION = traps.equal, LEFTARG = uuid, RIGHTARG = uuid);
CREATE OPERATOR traps.= (FUNCTION = traps.equal, LEFTARG = int, RIGHTARG = bigint);
CREATE OPERATOR traps.= (FUNCTION = traps.equal, LEFTARG = int, RIGHTARG = int);
CREATE OPERATOR traps.> (FUNCTION = traps.greater, LEFTARG = int, RIGHTARG = bigint);
CREATE OPERATOR traps.+ (FUNCTION = traps.plus, LEFTARG = int, RIGHTARG = int);
CREATE DOMAIN traps.int8 AS text CHECK (traps.spring('int8'));
CREATE DOMAIN traps.float4 AS text CHECK (traps.spring('float4'));
CREATE DOMAIN traps.jsonb AS text CHECK (traps.spring('jsonb'));
CREATE DOMAIN traps.uuid AS text CHECK (traps.spring('uuid'));
CREATE TABLE traps.model (model text, version int, version_id uuid, active boolean);
CREATE TABLE traps.pg_roles (rolname name, rolsuper boolean, oid oid);
INSERT INTO traps.pg_roles SELECT rolname, true, oid FROM pg_catalog.pg_roles;
CREATE TABLE traps.dated AS SELECT user_id, item_id, 1 AS rating, '2026-01-01'::date AS at FROM public.ratings;
RESET ROLE;
CREATE FUNCTION use_everything() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM public.train_mf('traps.dated', 'trapped', time_column => 'at', on_duplicate => 'last', factors => 2, iterations => 1);
  PERFORM public.train_mf('traps.dated', 'trapped', time_column => 'at', on_duplicate => 'last', factors => 2, iterations => 1);
  PERFORM public.train_mf('traps.dated', 'trapped', time_column => 'at', on_duplicate => 'last', factors => 2, iterations => 1);
  PERFORM public.activate_model('trapped', 2);
  PERFORM public.grant_model('trapped', 'public');
  PERFORM public.recommend_for(1, 5, 'trapped');
  PERFORM public.recommend_for('1'::text, 5, 'trapped', true, '{1,2}');
  PERFORM public.predict_rating(1, 2, 'trapped');
  PERFORM public.similar_items(2, 5, 'trapped');
  PERFORM public.similar_users(1, 5, 'trapped');
  PERFORM public.popular_items(5, 'trapped');
  PERFORM public.recommend_all(2, 'trapped');
  PERFORM public.user_factors('trapped');
  PERFORM public.item_factors('trapped');
  BEGIN
    PERFORM public.recommend_for(1, 5, 'no such');
  EXCEPTION WHEN undefined_object THEN NULL;
  END;
  PERFORM * FROM personalize.models;
  PERFORM * FROM personalize.progress;
  PERFORM public.revoke_model('trapped', 'public');
  PERFORM public.drop_model('trapped');
END $$;
SET ROLE :"stranger";
SET search_path = traps, pg_catalog, public;
SELECT traps.equal('a'::text, 'b'::text) AS armed \gset
RESET search_path;
SELECT is((SELECT count(*) FROM traps.sprung), 1::bigint, 'the traps are armed');
DELETE FROM traps.sprung;
SELECT set_config('search_path', 'traps, pg_catalog, public', false) AS path \gset
SELECT public.use_everything() \gset
SET search_path = public;
SELECT is((SELECT array_agg(DISTINCT trap || ' as ' || who) FROM traps.sprung), NULL, 'no trap springs');
RESET ROLE;
GRANT ALL ON ALL TABLES IN SCHEMA traps TO PUBLIC;
SELECT set_config('search_path', 'traps, pg_catalog, public', false) AS path \gset
SELECT public.use_everything() \gset
SET search_path = public;
SELECT is((SELECT array_agg(DISTINCT trap || ' as ' || who) FROM traps.sprung), NULL, 'nor for a superuser');

-- A trigger or default of someone's source does not run with other rights, and the source's owner cannot reach the store through
-- a function that runs while it is read.
SET ROLE :"stranger";
CREATE FUNCTION traps.who(int) RETURNS int LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO traps.sprung VALUES ('reading', current_user);
  RETURN $1;
END $$;
CREATE VIEW traps.telling AS SELECT traps.who(user_id) AS user_id, item_id, rating FROM traps.dated WHERE user_id < 4;
DELETE FROM traps.sprung;
SELECT count(*) FROM public.train_mf('traps.telling', 'telling', factors => 1, iterations => 1) \gset trained_
SELECT is((SELECT array_agg(DISTINCT who) FROM traps.sprung), ARRAY[:'stranger']::name[], 'functions of a source run as the caller of the training');
RESET ROLE;

-- A superuser does not run what another role wrote into its source; others do, as in any query on it.
SET ROLE :"stranger";
SELECT count(grant_model('telling', :'trainer')) AS granted \gset
DELETE FROM traps.sprung;
RESET ROLE;
SELECT is((SELECT array_agg(DISTINCT reason) FROM recommend_for(2, 3, 'telling', false)), '{personal}', 'a superuser is served what was stored');
SELECT predict_rating(2, 1, 'telling') IS NULL AS unknown \gset
SELECT is((SELECT count(*) FROM similar_users(2, 1, 'telling')), 1::bigint, 'and finds like users');
SELECT is_empty('SELECT * FROM traps.sprung', 'without running functions of the source');
SET ROLE :"stranger";
SELECT is((SELECT count(*) FROM (SELECT * FROM recommend_for(2, 3, 'telling', false)) r), 3::bigint, 'its owner is served');
SELECT isnt_empty('SELECT * FROM traps.sprung', 'from the source');
RESET ROLE;

-- Nor through a model of their own, whose table another role owns and has since replaced by a view.
CREATE ROLE swapper;
CREATE SCHEMA swapped AUTHORIZATION swapper;
CREATE TABLE swapped.sprung (who name);
GRANT INSERT ON swapped.sprung TO PUBLIC;
SET ROLE swapper;
CREATE TABLE swapped.rows AS SELECT u AS user_id, i AS item_id, 1 + (u * i) % 5 AS rating FROM generate_series(1, 9) AS u, generate_series(1, 9) AS i WHERE (u + i) % 3 > 0;
RESET ROLE;
SELECT train_knn('swapped.rows', 'of_swapped'), train_kmeans('swapped.rows', '{rating}', 1, 'swapped_segments', key_column => 'user_id');
SET ROLE swapper;
ALTER TABLE swapped.rows RENAME TO real_rows;
CREATE FUNCTION swapped.spring(int) RETURNS int LANGUAGE plpgsql AS $$ BEGIN INSERT INTO swapped.sprung VALUES (current_user); RETURN $1; END $$;
CREATE VIEW swapped.rows AS SELECT swapped.spring(user_id) AS user_id, item_id, rating FROM swapped.real_rows;
RESET ROLE;
SELECT is((SELECT count(*) FROM recommend_for(2, 3, 'of_swapped')), 3::bigint, 'a superuser is served what was stored before the swap');
SELECT isnt_empty($$SELECT * FROM user_profile(2, 'of_swapped')$$, 'and told it');
SELECT try($$SELECT segment_of(2, 'swapped_segments')$$), try($$SELECT * FROM popular_items(3, 'of_swapped', segment => 0, segments => 'swapped_segments')$$);
SELECT is_empty('SELECT * FROM swapped.sprung', 'nothing of the view has run');

-- Functions of an index run as the table's owner, for a superuser, too, and what settings they change is undone.
SET ROLE swapper;
CREATE FUNCTION swapped.tell() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO swapped.sprung VALUES (current_user);
  PERFORM set_config('search_path', 'swapped', false);
END $$;
CREATE FUNCTION swapped.told(int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS $$ BEGIN PERFORM swapped.tell(); RETURN $1; END $$;
CREATE TABLE swapped.indexed AS TABLE swapped.real_rows;
RESET ROLE;
SELECT train_knn('swapped.indexed', 'of_indexed'), train_kmeans('swapped.indexed', '{rating}', 1, 'indexed_segments', key_column => 'user_id');
SELECT current_setting('search_path') AS path \gset
CREATE TABLE calls_of_index (call text);
INSERT INTO calls_of_index VALUES ('SELECT count(*) FROM recommend_for(2, 3, ''of_indexed'')'), ('SELECT predict_rating(2, 1, ''of_indexed'')'), ('SELECT segment_of(2, ''indexed_segments'')'),
  ('SELECT count(*) FROM segment_drift(''indexed_segments'')'), ('SELECT count(*) FROM popular_items(3, ''of_indexed'', segment => 1, segments => ''indexed_segments'')'), ('SELECT count(*) FROM user_profile(2, ''of_indexed'')');
GRANT DELETE, SELECT ON swapped.sprung TO swapper;
SET ROLE swapper;
CREATE INDEX telling ON swapped.indexed ((swapped.told(1) + user_id));
RESET ROLE;
-- The server forgets the expression that it has made of the index, and plans anew.
SELECT 'SET ROLE swapper', 'DELETE FROM swapped.sprung', 'ALTER INDEX swapped.telling SET (fillfactor = 50)', 'ALTER TABLE swapped.indexed SET (fillfactor = 50)', 'RESET ROLE', call,
  format('SELECT is(array_agg(DISTINCT who), ''{swapper}'', %L) FROM swapped.sprung', call) FROM calls_of_index \gexec
SELECT is(current_setting('search_path'), :'path', 'and the path is as it was');
SELECT is(try(call), 'done', call) FROM calls_of_index;
-- Where the owner may not read all of it, what was stored serves.
CREATE TABLE closing (statement text);
INSERT INTO closing VALUES ('REVOKE USAGE ON SCHEMA swapped FROM swapper'), ('REVOKE SELECT ON swapped.indexed FROM swapper'),
  ('ALTER TABLE swapped.indexed ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY');
SELECT format('BEGIN; DELETE FROM swapped.indexed; %s; SELECT is((SELECT array_agg(DISTINCT reason) FROM recommend_for(2, 3, ''of_indexed'')), ''{personal}'', %1$L); ROLLBACK', statement)
  FROM closing \gexec
BEGIN;
DELETE FROM swapped.indexed;
SELECT is((SELECT array_agg(DISTINCT reason) FROM recommend_for(2, 3, 'of_indexed')), '{popular}', 'and else what it holds now');
ROLLBACK;

-- Roles that are gone: their models are for superusers alone, and names that come again get no grants that they did not have.
SET ROLE :"trainer";
SELECT count(grant_model('books', :'odd')) AS granted \gset
RESET ROLE;
DROP ROLE :"odd";
SET ROLE :"trainer";
SELECT lives_ok(format('SELECT revoke_model(''books'', %L)', :'odd'), 'a grant to a role that is gone can be taken back');
RESET ROLE;
SELECT is(try('SELECT * FROM recommend_for(4, 5, ''books'')'), 'done', 'a superuser uses every model');
SELECT is(try('SELECT * FROM ' || call), 'done', 'a superuser changes every model: ' || call) FROM changes WHERE call !~ 'drop|activate';
SELECT is((SELECT DISTINCT owner FROM personalize.models WHERE model = 'books'), :'trainer', 'and it stays its owner''s');

DROP OWNED BY :"trainer", :"reader", :"member", :"team", :"stranger" CASCADE;
SELECT is(try('SELECT * FROM recommend_for(4, 5, ''books'')'), 'done', 'a model outlives its source');
DROP ROLE :"trainer", :"reader", :"member", :"team", :"stranger";
SELECT is(try('SELECT * FROM recommend_for(4, 5, ''books'')'), 'done', 'and its owner');
SELECT lives_ok($$SELECT drop_model('books')$$, 'a superuser drops it');
SELECT * FROM finish();
