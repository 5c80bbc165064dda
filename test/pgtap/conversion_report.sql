-- conversion_report: every kind of relation and id, the rights of the caller, and the planted difference found.
SET client_min_messages = warning;
SET timezone = 'UTC';
SELECT no_plan();
CREATE TABLE orders (user_id bigint, item_id bigint, at timestamptz);
-- 400 users; every second one is shown version 2, which converts 3 of 10 where version 1 converts 2.
INSERT INTO personalize.impression (user_id, item_id, rank, version, shown_at)
  SELECT u, i, i, 1 + u % 2, '2020-01-01'::timestamptz + u * '1 hour'::interval FROM generate_series(1, 400) AS u, generate_series(1, 10) AS i;
INSERT INTO orders SELECT u, i, '2020-01-03'::timestamptz + u * '1 hour'::interval FROM generate_series(1, 400) AS u, generate_series(1, 10) AS i WHERE (u / 2 + i) % 10 < 2 + u % 2;
CREATE FUNCTION report(impressions regclass DEFAULT 'personalize.impression', events regclass DEFAULT 'orders', within interval DEFAULT '7 days') RETURNS text LANGUAGE sql AS $$
  SELECT string_agg(concat_ws(' ', version, shown, users, converted, verdict), ', ' ORDER BY k) FROM conversion_report(impressions, events, within) WITH ORDINALITY AS r
    (kind, model, version, shown, pending, users, converted, rate, low, high, lift, p_value, verdict, k)
$$;
CREATE FUNCTION expected() RETURNS text LANGUAGE sql AS $$ SELECT '1 2000 200 400 reference, 2 2000 200 600 better' $$;
SELECT is(report(), expected(), 'a difference is found');
SELECT ok(bool_and(CASE version WHEN 1 THEN 0.2 ELSE 0.3 END BETWEEN low AND high), 'intervals hold the true rates') FROM conversion_report('personalize.impression', 'orders');
SELECT ok(abs(lift - 0.5) < 1e-12, 'so is the lift') FROM conversion_report('personalize.impression', 'orders') WHERE version = 2;
SELECT is(report(within => '1 day'), '1 2000 200 0 reference, 2 2000 200 0 too few', 'within a day there is none');

-- Every relation that has rows.
CREATE VIEW impressions_view AS SELECT 'x' AS more, shown_at, version, model, item_id, user_id FROM personalize.impression;
CREATE MATERIALIZED VIEW impressions_kept AS TABLE personalize.impression;
CREATE TABLE impressions_parts (LIKE personalize.impression) PARTITION BY HASH (user_id);
CREATE TABLE impressions_part_0 PARTITION OF impressions_parts FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE impressions_part_1 PARTITION OF impressions_parts FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO impressions_parts TABLE personalize.impression;
CREATE VIEW orders_view AS SELECT * FROM orders;
SELECT is(report(relation, events), expected(), format('impressions from %s, events from %s', relation, events))
  FROM unnest('{impressions_view,impressions_kept,impressions_parts}'::regclass[]) AS relation, unnest('{orders,orders_view}'::regclass[]) AS events;
CREATE TEMP TABLE impressions_mine AS TABLE personalize.impression;
SELECT is(report('impressions_mine'), expected(), 'a temporary table');

-- Every type of id, the same on both sides or not.
CREATE FUNCTION as_uuid(text) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$ SELECT md5($1)::uuid $$;
CREATE DOMAIN key AS varchar(40) CHECK (value <> '');
CREATE VIEW impressions_bigint AS SELECT user_id::bigint, item_id::smallint, model::varchar, version::smallint, shown_at::timestamp FROM personalize.impression;
CREATE VIEW impressions_key AS SELECT user_id::key, item_id::varchar, model::name, version::bigint, shown_at FROM personalize.impression;
CREATE VIEW impressions_uuid AS SELECT as_uuid(user_id) AS user_id, as_uuid(item_id) AS item_id, model, version, shown_at FROM personalize.impression;
CREATE VIEW impressions_spelled AS SELECT upper(user_id::text) AS user_id, upper(item_id::text) AS item_id, model, version, shown_at FROM impressions_uuid;
CREATE VIEW orders_text AS SELECT user_id::text, item_id::text::key, at FROM orders;
CREATE VIEW orders_int AS SELECT user_id::int, item_id, at::timestamp FROM orders;
CREATE VIEW orders_uuid AS SELECT as_uuid(user_id::text) AS user_id, as_uuid(item_id::text) AS item_id, at FROM orders;
CREATE VIEW orders_spelled AS SELECT upper(user_id::text) AS user_id, item_id, at FROM orders_uuid;
SELECT is(report(impressions, events), expected(), format('%s and %s', impressions, events))
  FROM unnest('{impressions_bigint,impressions_key,personalize.impression}'::regclass[]) AS impressions, unnest('{orders,orders_text,orders_int}'::regclass[]) AS events;
SELECT is(report('impressions_uuid', 'orders_uuid'), expected(), 'uuids');
SELECT is(report('impressions_spelled', 'orders_uuid'), expected(), 'uuids that were logged as text, in capitals');
SELECT is(report('impressions_uuid', 'orders_spelled'), expected(), 'or the other way round');
SELECT is(report('impressions_bigint', 'orders_uuid'), '1 2000 200 0 reference, 2 2000 200 0 too few', 'what can never match never does');
SET timezone = 'America/New_York';
SELECT is(report('impressions_view', 'orders'), expected(), 'whatever the time zone');
SET timezone = 'UTC';

-- Collations play no part.
CREATE COLLATION any_case (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
CREATE VIEW impressions_collated AS SELECT user_id COLLATE any_case AS user_id, item_id COLLATE "C" AS item_id, model COLLATE any_case AS model, version, shown_at FROM personalize.impression;
SELECT is(report('impressions_collated', 'orders_text'), expected(), 'collations play no part');

-- Names are just names.
CREATE SCHEMA "s""; DROP TABLE kept; --";
CREATE TABLE kept ();
CREATE TABLE "s""; DROP TABLE kept; --"."t' $1" ("u""; DROP TABLE kept; --" bigint, "i'; --" bigint, "at \; $1" timestamptz, "Kind" text);
INSERT INTO "s""; DROP TABLE kept; --"."t' $1" SELECT *, 'it''s "it"; DROP TABLE kept; --' FROM orders;
SELECT results_eq($test$SELECT kind, version, converted FROM conversion_report('personalize.impression', '"s""; DROP TABLE kept; --"."t'' $1"', user_column => 'u"; DROP TABLE kept; --',
  item_column => 'i''; --', time_column => 'at \; $1', kind_column => 'Kind', reference => 'default 1')$test$,
  $$VALUES ('it''s "it"; DROP TABLE kept; --', 1, 400::bigint), ('it''s "it"; DROP TABLE kept; --', 2, 600::bigint)$$, 'odd names are just names');
SELECT has_table('kept'::name);

-- Everything is read as the caller.
SELECT 'c_' || substr(md5(current_database() || pg_backend_pid()), 1, 8) AS role \gset
CREATE ROLE :"role";
GRANT EXECUTE ON FUNCTION report, expected TO :"role";
SET ROLE :"role";
SELECT throws_ok('SELECT * FROM personalize.impression', '42501', 'permission denied for table impression', 'nobody may read what was shown');
SELECT throws_ok($$INSERT INTO personalize.impression (user_id, item_id) VALUES (1, 1)$$, '42501', 'permission denied for table impression', 'nor log it');
SELECT throws_ok('SELECT report()', '42501', 'permission denied for table impression', 'no report without rights on impressions');
RESET ROLE;
GRANT INSERT ON personalize.impression TO :"role";
SET ROLE :"role";
BEGIN;
SELECT lives_ok($$INSERT INTO personalize.impression (user_id, item_id) VALUES (1, 1)$$, 'who was granted INSERT logs');
ROLLBACK;
SELECT throws_ok('SELECT report()', '42501', 'permission denied for table impression', 'and sees nothing');
RESET ROLE;
GRANT SELECT ON personalize.impression TO :"role";
SET ROLE :"role";
SELECT throws_ok('SELECT report()', '42501', 'permission denied for table orders', 'no report without rights on events');
RESET ROLE;
GRANT SELECT (user_id, item_id) ON orders TO :"role";
SET ROLE :"role";
SELECT throws_ok('SELECT report()', '42501', 'permission denied for table orders', 'nor with rights on some of the columns');
RESET ROLE;
GRANT SELECT (at) ON orders TO :"role";
SET ROLE :"role";
SELECT is(report(), expected(), 'rights on the columns are enough');
RESET ROLE;
ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
CREATE POLICY early ON orders TO :"role" USING (user_id <= 100);
SET ROLE :"role";
SELECT is(report(), '1 2000 200 100 reference, 2 2000 200 150 better', 'events under the caller''s row-level security');
RESET ROLE;
SELECT is(report(), expected(), 'which is not the superuser''s');
ALTER TABLE personalize.impression ENABLE ROW LEVEL SECURITY;
CREATE POLICY early ON personalize.impression TO :"role" USING (user_id::int <= 100);
SET ROLE :"role";
SELECT is(report(), '1 500 50 100 reference, 2 500 50 150 better', 'impressions, too');
RESET ROLE;
ALTER TABLE personalize.impression DISABLE ROW LEVEL SECURITY;
ALTER TABLE orders DISABLE ROW LEVEL SECURITY;

-- A search_path full of traps.
CREATE SCHEMA traps;
CREATE TABLE traps.sprung (trap text);
CREATE FUNCTION traps.spring(trap text) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN INSERT INTO traps.sprung VALUES (trap); RETURN true; END $$;
CREATE FUNCTION traps.now() RETURNS timestamptz LANGUAGE sql AS $$ SELECT '2000-01-01'::timestamptz WHERE traps.spring('now') $$;
CREATE FUNCTION traps.lower(text) RETURNS text LANGUAGE sql AS $$ SELECT 'x' WHERE traps.spring('lower') $$;
CREATE FUNCTION traps.min_step(timestamptz, timestamptz) RETURNS timestamptz LANGUAGE sql AS $$ SELECT $1 WHERE traps.spring('min') $$;
CREATE AGGREGATE traps.min(timestamptz) (SFUNC = traps.min_step, STYPE = timestamptz);
CREATE FUNCTION traps.compare(timestamptz, timestamptz) RETURNS boolean LANGUAGE sql AS $$ SELECT traps.spring('compare') $$;
CREATE FUNCTION traps.equal(text, text) RETURNS boolean LANGUAGE sql AS $$ SELECT traps.spring('equal') $$;
CREATE FUNCTION traps.add(timestamptz, interval) RETURNS timestamptz LANGUAGE sql AS $$ SELECT $1 WHERE traps.spring('add') $$;
CREATE OPERATOR traps.= (FUNCTION = traps.equal, LEFTARG = text, RIGHTARG = text);
CREATE OPERATOR traps.> (FUNCTION = traps.compare, LEFTARG = timestamptz, RIGHTARG = timestamptz);
CREATE OPERATOR traps.<= (FUNCTION = traps.compare, LEFTARG = timestamptz, RIGHTARG = timestamptz);
CREATE OPERATOR traps.+ (FUNCTION = traps.add, LEFTARG = timestamptz, RIGHTARG = interval);
CREATE DOMAIN traps.text AS varchar CHECK (traps.spring('text'));
CREATE DOMAIN traps.timestamptz AS timestamp CHECK (traps.spring('timestamptz'));
CREATE DOMAIN traps.interval AS varchar CHECK (traps.spring('interval'));
CREATE DOMAIN traps.int4 AS bigint CHECK (traps.spring('int4'));
SET search_path = traps, pg_catalog, public;
SELECT traps.equal('a'::pg_catalog.text, 'b'::pg_catalog.text) AS armed \gset
SELECT count(*) AS armed FROM traps.sprung \gset
DELETE FROM traps.sprung;
SELECT count(*) AS reported FROM public.conversion_report('public.impressions_spelled', 'public.orders_uuid') \gset
SELECT count(public.experiment_group(1, 'x'::pg_catalog.text)) AS grouped \gset
SET search_path = public;
SELECT is(:armed || ' ' || :reported || ' ' || :grouped, '1 2 1', 'the traps were armed');
SELECT is((SELECT array_agg(DISTINCT trap) FROM traps.sprung), NULL, 'no trap springs');

-- Memory is bounded.
CREATE VIEW orders_kinds AS SELECT user_id, item_id, at, user_id || ' ' || item_id || repeat(' kind', 200) AS kind FROM orders;
SET personalize.max_memory = '1MB';
SELECT throws_ok($$SELECT * FROM conversion_report('personalize.impression', 'orders_kinds', kind_column => 'kind')$$, '53400', NULL, 'a kind for each order is too many');
RESET personalize.max_memory;
SELECT is((SELECT count(*) FROM conversion_report('personalize.impression', 'orders_kinds', kind_column => 'kind')), 2000::bigint, 'if memory is scarce');

-- In a read-only transaction, and in a query that runs in parallel.
BEGIN READ ONLY;
SELECT is(report(), expected(), 'reads only');
COMMIT;
SELECT is((SELECT count(*) FROM orders AS o WHERE o.item_id = 1 AND experiment_group(o.user_id, 'x') = 1 AND EXISTS (SELECT FROM conversion_report('personalize.impression', 'orders'))) > 0, true, 'beside other tables');

DROP OWNED BY :"role";
DROP ROLE :"role";
SELECT * FROM finish();
