-- Ids of every type and mix: they come back in the type that was asked for, and never changed.
SET client_min_messages = warning;
SELECT no_plan();

-- One set of choices, its ids written in each type. Item n is liked with items of equal parity.
CREATE TABLE choices AS SELECT u, i FROM generate_series(1, 30) AS u,
  LATERAL (SELECT i FROM generate_series(u % 2, 19, 2) AS i ORDER BY md5(u || ' ' || i) LIMIT 4) AS chosen;
CREATE FUNCTION as_uuid(n int) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$ SELECT lpad(n::text, 32, '0')::uuid $$;
CREATE FUNCTION as_text(n int) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT 'é ' || lpad(n::text, 4, '0') || ' 名' $$;
CREATE DOMAIN small_id AS smallint;
CREATE DOMAIN some_id AS bigint CHECK (VALUE >= 0);
CREATE DOMAIN other_id AS some_id;
CREATE DOMAIN uuid_id AS uuid;
CREATE DOMAIN text_id AS varchar(40) NOT NULL;
CREATE TABLE kinds (kind text PRIMARY KEY, type text, written text);
INSERT INTO kinds VALUES
  ('smallint', 'bigint', '%s::smallint'), ('integer', 'bigint', '%s::integer'), ('bigint', 'bigint', '%s::bigint'),
  ('small_id', 'bigint', '%s::small_id'), ('other_id', 'bigint', '%s::other_id'),
  ('uuid', 'uuid', 'as_uuid(%s)'), ('uuid_id', 'uuid', 'as_uuid(%s)::uuid_id'),
  ('text', 'text', 'as_text(%s)'), ('varchar', 'text', 'as_text(%s)::varchar(40)'), ('text_id', 'text', 'as_text(%s)::text_id');
CREATE FUNCTION literal(kind text, n int) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  value text;
BEGIN
  EXECUTE 'SELECT (' || format((SELECT written FROM kinds AS k WHERE k.kind = literal.kind), n) || ')::text' INTO value;
  RETURN quote_literal(value) || '::' || (SELECT type FROM kinds AS k WHERE k.kind = literal.kind);
END $$;
CREATE FUNCTION answer(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  result text;
  hint text;
BEGIN
  EXECUTE query INTO result;
  RETURN result;
EXCEPTION WHEN OTHERS THEN
  GET STACKED DIAGNOSTICS hint = PG_EXCEPTION_HINT;
  RETURN SQLSTATE || ' ' || SQLERRM || coalesce(' / ' || nullif(hint, ''), '');
END $$;
-- What a model over numbers answers, written in the ids of another.
CREATE FUNCTION rewritten(ids text, kind text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  result text;
BEGIN
  EXECUTE format('SELECT string_agg((' || format((SELECT written FROM kinds AS k WHERE k.kind = rewritten.kind), 'id::int') || ')::text, '','' ORDER BY k) FROM unnest(string_to_array(%L, '','')) WITH ORDINALITY AS u(id, k)', ids) INTO result;
  RETURN result;
END $$;

DO $$
DECLARE
  a kinds;
  b kinds;
BEGIN
  FOR a IN SELECT * FROM kinds LOOP
    FOR b IN SELECT * FROM kinds LOOP
      EXECUTE format('CREATE TABLE %I AS SELECT %s AS user_id, %s AS item_id FROM choices', a.kind || ' ' || b.kind, format(a.written, 'u'), format(b.written, 'i'));
      EXECUTE format('CREATE INDEX ON %I (user_id)', a.kind || ' ' || b.kind);
      EXECUTE format('SELECT train_mf(%L, %1$L, rating_column => NULL, factors => 2, iterations => 4)', quote_ident(a.kind || ' ' || b.kind));
    END LOOP;
  END LOOP;
END $$;
SELECT is((SELECT count(*) FROM personalize.models), 100::bigint, 'a model for each mix of types');
SELECT is((SELECT count(DISTINCT (users, items, ratings, metrics->>'loss')) FROM personalize.models), 1::bigint, 'and all learnt the same');
CREATE FUNCTION model(a text, b text) RETURNS text LANGUAGE sql AS $$ SELECT quote_literal(quote_ident(a || ' ' || b)) $$;

-- recommend_for for every mix: asked in the user's type, by a witness where the item's differs, and by text.
CREATE TABLE right_answer AS
  SELECT string_agg(item_id::text, ',' ORDER BY k) AS items FROM recommend_for(4, 6, '"bigint bigint"') WITH ORDINALITY AS r(item_id, score, reason, k);
CREATE FUNCTION list(call text) RETURNS text LANGUAGE sql AS $$
  SELECT answer('SELECT string_agg(item_id::text, '','' ORDER BY k) || '' '' || string_agg(DISTINCT pg_typeof(item_id)::text || '' '' || reason, '','') FROM ' || call || ' WITH ORDINALITY AS r(item_id, score, reason, k)')
$$;
CREATE VIEW mixes AS SELECT a.kind AS a, b.kind AS b, a.type AS user_type, b.type AS item_type,
  model(a.kind, b.kind) AS model, literal(a.kind, 4) AS four, rewritten(items, b.kind) AS items FROM kinds AS a, kinds AS b, right_answer;
SELECT is(list(format('recommend_for(%s, 6, %s)', four, model)), items || ' ' || item_type || ' personal', format('recommend_for, users %s, items %s', a, b))
  FROM mixes WHERE user_type = item_type ORDER BY a, b;
SELECT is(list(format('recommend_for(%s, 6, NULL::%s, %s)', four, item_type, model)), items || ' ' || item_type || ' personal', format('recommend_for with a witness, users %s, items %s', a, b))
  FROM mixes WHERE user_type <> item_type AND item_type <> 'text' ORDER BY a, b;
SELECT is(list(format('recommend_for(%s::text, 6, %s)', four, model)), items || ' text personal', format('recommend_for by text, users %s, items %s', a, b)) FROM mixes ORDER BY a, b;
SELECT is(list(format('recommend_for(%s, 6, %s)', split_part(four, '::', 1), model)), items || ' text personal', format('recommend_for by an untyped literal, users %s, items %s', a, b))
  FROM mixes WHERE a IN ('integer', 'uuid', 'varchar') AND b IN ('integer', 'uuid', 'varchar') ORDER BY a, b;
SELECT is(list(format('recommend_for(%s::text, 6, NULL::%s, %s)', four, item_type, model)), items || ' ' || item_type || ' personal', format('recommend_for by text with a witness, users %s, items %s', a, b))
  FROM mixes WHERE item_type <> 'text' AND a IN ('integer', 'uuid', 'varchar') ORDER BY a, b;
-- smaller integers need no cast
SELECT is(list('recommend_for(4::smallint, 6, ''"smallint smallint"'')'), items || ' bigint personal', 'a smallint user id') FROM right_answer;
SELECT is(list('recommend_for(4::some_id, 6, ''"other_id other_id"'')'), items || ' bigint personal', 'a user id of a domain') FROM right_answer;
SELECT is(list('recommend_for(''4''::varchar, 6, ''"integer integer"'')'), items || ' text personal', 'a varchar user id for a model of numbers') FROM right_answer;
SELECT is(list('recommend_for('' +4 '', 6, ''"integer integer"'')'), items || ' text personal', 'a number as it may be written') FROM right_answer;
SELECT is(list('recommend_for(upper(as_uuid(4)::text), 6, ''"uuid uuid"'')'), rewritten(items, 'uuid') || ' text personal', 'a uuid as it may be written') FROM right_answer;

-- Candidates in the type of the result.
SELECT is(list(format('recommend_for(%s, 6, %s, candidates => ARRAY[%s, NULL, %s])', four, model, literal(b, 7), literal(b, 9999))), rewritten('7', b) || ' ' || item_type || ' personal',
    format('candidates, users %s, items %s', a, b))
  FROM mixes WHERE user_type = item_type AND NOT EXISTS (SELECT FROM choices WHERE u = 4 AND i = 7) ORDER BY a, b;
SELECT is(list(format('recommend_for(%s::text, 6, %s, candidates => ARRAY[%s::text, NULL])', four, model, literal(b, 7))), rewritten('7', b) || ' text personal',
    format('candidates by text, users %s, items %s', a, b))
  FROM mixes WHERE a IN ('integer', 'uuid', 'varchar') AND b IN ('integer', 'uuid', 'varchar') ORDER BY a, b;
SELECT is(list(format('recommend_for(%s, 6, NULL::%s, %s, candidates => ARRAY[%s])', four, item_type, model, literal(b, 7))), rewritten('7', b) || ' ' || item_type || ' personal',
    format('candidates with a witness, users %s, items %s', a, b))
  FROM mixes WHERE user_type <> item_type AND item_type <> 'text' AND a IN ('integer', 'uuid', 'varchar') AND b IN ('integer', 'uuid') ORDER BY a, b;

-- A type that does not fit: an error that says which would, and its hint is a call that does.
SELECT is(answer('SELECT count(*) FROM recommend_for(4, 6, ''"uuid uuid"'')'), '42804 item ids of model ""uuid uuid"" are of type uuid, not bigint / Call recommend_for(user_id::uuid, n, ''"uuid uuid"'').', 'bigint for uuid');
SELECT is(answer('SELECT count(*) FROM recommend_for(4, 6, ''"integer text"'')'), '42804 item ids of model ""integer text"" are of type text, not bigint / Call recommend_for(user_id::text, n, ''"integer text"'').', 'bigint users, text items');
SELECT is(answer('SELECT count(*) FROM recommend_for(as_uuid(4), 6, ''"integer integer"'')'), '42804 item ids of model ""integer integer"" are of type bigint, not uuid / Call recommend_for(user_id::bigint, n, ''"integer integer"'').', 'uuid for bigint');
SELECT is(answer('SELECT count(*) FROM recommend_for(4, 6, ''"integer uuid"'')'), '42804 item ids of model ""integer uuid"" are of type uuid, not bigint / Call recommend_for(user_id::bigint, n, NULL::uuid, ''"integer uuid"'').', 'bigint users, uuid items');
SELECT is(answer('SELECT count(*) FROM recommend_for(as_uuid(4), 6, NULL::bigint, ''"integer integer"'')'), '42804 the model''s user ids are of type bigint / Cast the user id to bigint or to text.', 'a user id of the wrong type');
SELECT is(answer('SELECT count(*) FROM recommend_for(4, 6, NULL::uuid, ''"text uuid"'')'), '42804 the model''s user ids are of type text / Cast the user id to text.', 'a number for text');
SELECT is(answer('SELECT count(*) FROM recommend_for(''four'', 6, ''"integer integer"'')'), '22P02 user id "four" is not an integer / The model''s user ids are of type bigint.', 'a word for a number');
SELECT is(answer('SELECT count(*) FROM recommend_for('''', 6, ''"integer integer"'')'), '22P02 user id "" is not an integer / The model''s user ids are of type bigint.', 'nothing for a number');
SELECT is(answer('SELECT count(*) FROM recommend_for(''4.0'', 6, ''"integer integer"'')') ~ '^22P02 user id "4.0" is not an integer', true, 'a fraction');
SELECT is(answer('SELECT count(*) FROM recommend_for(''+-4'', 6, ''"integer integer"'')') ~ '^22P02', true, 'two signs');
SELECT is(answer('SELECT count(*) FROM recommend_for(''9223372036854775808'', 6, ''"integer integer"'')'), '22003 user id "9223372036854775808" is out of range for bigint / The model''s user ids are of type bigint.', 'a number too large');
SELECT is(answer('SELECT count(*) FROM recommend_for(''four'', 6, ''"uuid uuid"'')'), '22P02 invalid input syntax for type uuid: "four"', 'a word for a uuid');
SELECT is(answer('SELECT count(*) FROM recommend_for(''4'', 6, ''"integer integer"'', candidates => ''{seven}'')'), '22P02 item id "seven" is not an integer / The model''s item ids are of type bigint.', 'a word among candidates');
SELECT is(answer('SELECT count(*) FROM recommend_for(''nobody'', 6, ''"text text"'')'), '6', 'any text is a text');

-- The other functions.
SELECT is(answer(format('SELECT predict_rating(%s, %s, %s) = (SELECT predict_rating(4, 7, ''"bigint bigint"''))', four, literal(b, 7), model)), 'true', format('predict_rating, users %s, items %s', a, b))
  FROM mixes ORDER BY a, b;
SELECT is(answer(format('SELECT predict_rating(%s::text, %s::text, %s) = (SELECT predict_rating(4, 7, ''"bigint bigint"''))', four, literal(b, 7), model)), 'true', format('predict_rating by text, users %s, items %s', a, b))
  FROM mixes WHERE a IN ('integer', 'uuid', 'varchar') AND b IN ('integer', 'uuid', 'varchar') ORDER BY a, b;
SELECT is(answer('SELECT predict_rating(as_uuid(4), 7, ''"integer integer"'')'), '42804 the model''s user ids are of type bigint / Cast the user id to bigint or to text.', 'predict_rating, the wrong type of user');
SELECT is(answer('SELECT predict_rating(4, as_uuid(7), ''"integer integer"'')'), '42804 the model''s item ids are of type bigint / Cast the item id to bigint or to text.', 'predict_rating, the wrong type of item');

SELECT is(answer(format('SELECT string_agg(item_id::text, '','' ORDER BY k) || pg_typeof(min(item_id::text::%s)) FROM similar_items(%s, 5, %s) WITH ORDINALITY AS r(item_id, score, k)', CASE WHEN b.type = 'uuid' THEN 'text' ELSE b.type END, literal(b.kind, 7), model('text', b.kind))),
    rewritten((SELECT string_agg(item_id::text, ',' ORDER BY k) FROM similar_items(7, 5, '"text bigint"') WITH ORDINALITY AS r(item_id, score, k)), b.kind) || CASE WHEN b.type = 'uuid' THEN 'text' ELSE b.type END, 'similar_items, items ' || b.kind) FROM kinds AS b;
SELECT is(answer(format('SELECT string_agg(user_id::text, '','' ORDER BY k) FROM similar_users(%s, 5, %s) WITH ORDINALITY AS r(user_id, score, k)', literal(a.kind, 4), model(a.kind, 'text'))),
    rewritten((SELECT string_agg(user_id::text, ',' ORDER BY k) FROM similar_users(4, 5, '"bigint text"') WITH ORDINALITY AS r(user_id, score, k)), a.kind), 'similar_users, users ' || a.kind) FROM kinds AS a;
SELECT is(answer('SELECT count(*) FROM similar_items(7, 5, ''"text uuid"'')'), '42804 the model''s item ids are of type uuid / Cast the item id to uuid or to text.', 'similar_items, the wrong type');
SELECT is(answer('SELECT count(*) FROM similar_users(as_uuid(7), 5, ''"text uuid"'')'), '42804 the model''s user ids are of type text / Cast the user id to text.', 'similar_users, the wrong type');

-- Functions without an id: bigint, unless a witness says otherwise; the hint of the error is the call that works.
SELECT is(answer(format('SELECT string_agg(item_id::text, '','' ORDER BY k) || '' '' || string_agg(DISTINCT pg_typeof(item_id)::text, '','') FROM popular_items(5, %s, NULL::%s) WITH ORDINALITY AS r(item_id, score, k)', model('text', kind), type)),
    rewritten((SELECT string_agg(item_id::text, ',' ORDER BY k) FROM popular_items(5, '"text bigint"') WITH ORDINALITY AS r(item_id, score, k)), kind) || ' ' || type, 'popular_items, items ' || kind) FROM kinds;
SELECT is(answer('SELECT count(*) FROM popular_items(5, ''"text uuid"'')'), '42804 item ids of model ""text uuid"" are of type uuid, not bigint / Call popular_items(5, ''"text uuid"'', NULL::uuid).', 'popular_items without its witness');
SELECT is(answer('SELECT count(*) FROM popular_items(5, ''"text uuid"'', NULL::uuid)'), '5', 'the call of the hint');
SELECT is(answer('SELECT count(*) FROM popular_items(5, ''"text uuid"'', NULL::bigint)') ~ '^42804 .* NULL::uuid', true, 'popular_items with another');
SELECT is(answer('SELECT count(*) FROM popular_items(5, ''"text uuid"'', NULL::point)') ~ '^42804 .* NULL::uuid', true, 'popular_items with one that no id has');
SELECT is(answer('SELECT count(*) FROM popular_items(5, ''"text integer"'', NULL::integer)'), '5', 'an integer is a segment, and NULL everyone');
SELECT is(answer('SELECT string_agg(DISTINCT pg_typeof(item_id)::text, '','') FROM popular_items(5, ''"text uuid"'', NULL::text)'), 'text', 'everything can be text');

SELECT is(answer(format('SELECT count(*) || '' '' || string_agg(DISTINCT pg_typeof(user_id) || '' '' || pg_typeof(item_id), '','') FROM recommend_all(2, %s, NULL::%s, NULL::%s)', model, user_type, item_type)), '60 ' || user_type || ' ' || item_type,
  format('recommend_all, users %s, items %s', a, b)) FROM mixes WHERE a IN ('integer', 'uuid', 'varchar') AND b IN ('integer', 'uuid', 'varchar') ORDER BY a, b;
SELECT is(answer('SELECT count(*) FROM recommend_all(2, ''"text uuid"'')'), '42804 user ids of model ""text uuid"" are of type text, not bigint / Call recommend_all(2, ''"text uuid"'', NULL::text, NULL::uuid).', 'recommend_all without its witnesses');
SELECT is(answer('SELECT count(*) FROM recommend_all(2, ''"text uuid"'', NULL::text, NULL::uuid)'), '60', 'the call of the hint');
SELECT is(answer('SELECT count(*) FROM recommend_all(2, ''"text uuid"'', NULL::text, NULL::bigint)') ~ '^42804 item ids .* Call recommend_all\(2, ''"text uuid"'', NULL::text, NULL::uuid\)', true, 'recommend_all with one that does not fit');

SELECT is(answer(format('SELECT count(*) || string_agg(DISTINCT pg_typeof(user_id)::text, '','') FROM user_factors(%s, NULL::%s)', model(kind, 'text'), type)), '30' || type, 'user_factors, users ' || kind) FROM kinds;
SELECT is(answer(format('SELECT count(*) || string_agg(DISTINCT pg_typeof(item_id)::text, '','') FROM item_factors(%s, NULL::%s)', model('text', kind), type)), '20' || type, 'item_factors, items ' || kind) FROM kinds;
SELECT is(answer('SELECT count(*) FROM user_factors(''"text uuid"'')'), '42804 user ids of model ""text uuid"" are of type text, not bigint / Call user_factors(''"text uuid"'', NULL::text).', 'user_factors without its witness');
SELECT is(answer('SELECT count(*) FROM item_factors(''"text uuid"'')'), '42804 item ids of model ""text uuid"" are of type uuid, not bigint / Call item_factors(''"text uuid"'', NULL::uuid).', 'item_factors without its witness');

-- Ids at the ends of bigint, of zero bytes and of many, equal but for a blank, a letter's case, or how it is composed.
CREATE TABLE ends (user_id bigint, item_id bigint);
INSERT INTO ends SELECT u, i FROM unnest('{-9223372036854775808,-1,0,9223372036854775807}'::bigint[]) AS u, unnest('{-9223372036854775808,0,9223372036854775807}'::bigint[]) AS i WHERE u <> i;
SELECT count(*) FROM train_mf('ends', 'ends', rating_column => NULL, factors => 2) \gset trained_
SELECT is((SELECT array_agg(item_id) FROM item_factors('ends')), '{-9223372036854775808,0,9223372036854775807}', 'item ids at the ends of bigint');
SELECT is((SELECT array_agg(user_id) FROM user_factors('ends')), '{-9223372036854775808,-1,0,9223372036854775807}', 'user ids, too');
SELECT is((SELECT array_agg(item_id) FROM recommend_for(-9223372036854775808, 5, 'ends')), '{-9223372036854775808}', 'they are recommended');
SELECT is((SELECT array_agg(item_id) FROM recommend_for('9223372036854775807', 5, 'ends')), '{9223372036854775807}', 'by text as well');
CREATE TABLE texts (user_id text, item_id text);
CREATE TABLE odd_ids (id text);
INSERT INTO odd_ids VALUES (''), (' '), ('a'), ('A'), ('a '), (U&'\00E9'), (U&'e\0301'), (U&'\+01F600'), (repeat('x', 10000)), (repeat('x', 9999) || 'y'), (repeat('名', 3333)), (E'\t\n\\'), ('NULL'), ('''; DROP TABLE texts; --'), ('{}'), ('0'), ('00');
INSERT INTO texts SELECT u.id, i.id FROM odd_ids AS u, odd_ids AS i WHERE md5(u.id || '/' || i.id) < 'c' OR i.id = '';
CREATE INDEX ON texts (md5(user_id));
SELECT count(*) FROM train_mf('texts', 'texts', rating_column => NULL, factors => 2) \gset trained_
SELECT set_eq('SELECT user_id FROM user_factors(''texts'', NULL::text)', 'SELECT id FROM odd_ids', 'all texts are users');
SELECT set_eq('SELECT item_id FROM item_factors(''texts'', NULL::text)', 'SELECT DISTINCT item_id FROM texts', 'all texts are items');
SELECT is((SELECT array_agg(item_id) FROM item_factors('texts', NULL::text)), (SELECT array_agg(id ORDER BY id COLLATE "C") FROM odd_ids), 'in the order of their bytes');
SELECT is((SELECT count(*) FROM odd_ids, recommend_for(id, 100, 'texts') AS r JOIN texts AS t ON t.item_id = r.item_id WHERE t.user_id = id), 0::bigint, 'what each has seen is excluded');
SELECT is((SELECT count(*) FROM odd_ids, recommend_for(id, 100, 'texts', exclude_seen => false) AS r WHERE r.reason = 'personal'), 17 * 17::bigint, 'and the rest is there');
SELECT is((SELECT count(*) FROM odd_ids WHERE NOT EXISTS (SELECT FROM recommend_for(id, 100, 'texts', false, ARRAY[id]) AS r WHERE r.item_id = id)), 0::bigint, 'each is found as a candidate');
SELECT is((SELECT DISTINCT reason FROM recommend_for('B', 100, 'texts')), 'popular', 'a text that is no user');
CREATE TABLE uuids (user_id uuid, item_id uuid);
INSERT INTO uuids SELECT u, i FROM unnest('{00000000-0000-0000-0000-000000000000,ffffffff-ffff-ffff-ffff-ffffffffffff,80000000-0000-0000-0000-000000000000}'::uuid[]) AS u, unnest('{00000000-0000-0000-0000-000000000000,ffffffff-ffff-ffff-ffff-ffffffffffff,7fffffff-ffff-ffff-ffff-ffffffffffff}'::uuid[]) AS i WHERE u <> i;
SELECT count(*) FROM train_mf('uuids', 'uuids', rating_column => NULL, factors => 2) \gset trained_
SELECT is((SELECT array_agg(item_id) FROM item_factors('uuids', NULL::uuid)), '{00000000-0000-0000-0000-000000000000,7fffffff-ffff-ffff-ffff-ffffffffffff,ffffffff-ffff-ffff-ffff-ffffffffffff}', 'uuids in their order');
SELECT is((SELECT array_agg(item_id) FROM recommend_for('ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid, 5, 'uuids')), '{ffffffff-ffff-ffff-ffff-ffffffffffff}', 'uuids at the ends');
-- The executor compares each row of such a view with the row before, which has been handed over by then.
CREATE TABLE long_texts AS SELECT repeat('u', 50000) || u AS user_id, repeat('i', 50000) || i AS item_id, 1::real AS rating, 0::float8 AS at
  FROM generate_series(1, 5) AS u, generate_series(1, 5) AS i, generate_series(1, 2);
CREATE VIEW distinct_texts AS SELECT DISTINCT user_id, item_id, rating, at FROM long_texts;
SET enable_hashagg = off;
SELECT is((SELECT row(ratings, merged)::text FROM train_mf('distinct_texts', 'distinct', time_column => 'at', factors => 2)), '(25,0)', 'a view with DISTINCT, rows in its order');
RESET enable_hashagg;
SELECT * FROM finish();
