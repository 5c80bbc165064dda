-- in_holdout: what belongs to a holdout once belongs to it for ever.
SELECT count(*) FILTER (WHERE in_holdout(u, i, .1)) AS tenth, count(*) FILTER (WHERE in_holdout(u, i, .2)) AS fifth,
       count(*) FILTER (WHERE in_holdout(u, i, .1, 1)) AS tenth_of_seed_1, count(*) FILTER (WHERE in_holdout(u, i, .1, -1)) AS of_seed_minus_1,
       count(*) FILTER (WHERE in_holdout(u, i, 0)) AS none, count(*) FILTER (WHERE in_holdout(u, i, 1)) AS every
  FROM generate_series(0, 399) AS u, generate_series(0, 249) AS i;
SELECT string_agg(i::text, ' ' ORDER BY i) AS items_of_user_1 FROM generate_series(1, 100) AS i WHERE in_holdout(1, i, .1);
SELECT string_agg(i::text, ' ' ORDER BY i) AS items_of_user_ä FROM generate_series(1, 100) AS i WHERE in_holdout('ä'::text, 'item ' || i, .1);
SELECT string_agg(i::text, ' ' ORDER BY i) AS items_of_a_uuid FROM generate_series(1, 100) AS i
 WHERE in_holdout('0190a5c8-7f4e-7c3a-9d52-3b1f6a2e4d70'::uuid, i, .1);
SELECT string_agg(i::text, ' ' ORDER BY i) AS extremes
  FROM unnest('{-9223372036854775808,9223372036854775807,-1,0,1}'::bigint[]) AS i WHERE in_holdout(i, i, .5, 9223372036854775807);

-- The width of an integer and the kind of a text do not matter; whether it is a text does.
CREATE DOMAIN some_user AS bigint;
CREATE DOMAIN some_item AS varchar(20);
SELECT count(*) AS pairs,
       bool_and(in_holdout(u::smallint, i, .3) = in_holdout(u, i, .3)) AS smallint,
       bool_and(in_holdout(u, i::bigint, .3) = in_holdout(u, i, .3)) AS bigint,
       bool_and(in_holdout(u::some_user, i, .3) = in_holdout(u, i, .3)) AS domain,
       bool_and(in_holdout(u, i::varchar(9), .3) = in_holdout(u, i::text, .3)) AS varchar,
       bool_and(in_holdout(u, i::some_item, .3) = in_holdout(u, i::text, .3)) AS domain_of_varchar,
       bool_and(in_holdout(u, i::text, .3) = in_holdout(u, i, .3)) AS text_as_integer
  FROM generate_series(1, 50) AS u, generate_series(1, 50) AS i;
DROP DOMAIN some_user, some_item;

-- Where an immutable function may stand.
CREATE TABLE ratings (user_id int, item_id int, test boolean GENERATED ALWAYS AS (in_holdout(user_id, item_id, .25)) STORED);
INSERT INTO ratings SELECT u, i FROM generate_series(1, 20) AS u, generate_series(1, 20) AS i;
CREATE INDEX ON ratings (user_id) WHERE in_holdout(user_id, item_id, .25);
SELECT count(*) FROM ratings WHERE test = in_holdout(user_id, item_id, .25);
DROP TABLE ratings;
SELECT in_holdout(fraction => .5, item_id => 2, user_id => 1) = in_holdout(1, 2, .5, 0) AS named;

-- A NULL id is in no part.
SELECT in_holdout(NULL, 1, .5) IS NULL AS user, in_holdout(1, NULL::bigint, 1) IS NULL AS item, in_holdout(NULL, NULL, 0) IS NULL AS both;

-- Errors.
SELECT in_holdout(1, 2, NULL);
SELECT in_holdout(NULL, 2, NULL);
SELECT in_holdout(1, 2, .1, NULL);
SELECT in_holdout(1, 2, -.1);
SELECT in_holdout(1, 2, 1.0000000000000002);
SELECT in_holdout(NULL, 2, 10);
SELECT in_holdout(1, 2, 'NaN');
SELECT in_holdout(1, 2, '-Infinity');
SELECT in_holdout(1.5, 2, .1);
SELECT in_holdout(1, now(), .1);
SELECT in_holdout(ARRAY[1], 2, .1);
SELECT in_holdout(ROW(1), 2, .1);
-- What has no type could be an integer or a text, and they are not the same.
SELECT in_holdout('1', 2, .1);
SELECT in_holdout(1, '2', .1);
PREPARE typed AS SELECT in_holdout($1::bigint, $2::text, $3, $4) = in_holdout(1, 'b'::text, .5, 3) AS typed;
EXECUTE typed(1, 'b', .5, 3);
DEALLOCATE typed;
\set VERBOSITY sqlstate
SELECT in_holdout(1, 2, NULL);
SELECT in_holdout(1, 2, 2);
SELECT in_holdout('1', 2, .1);
PREPARE untyped AS SELECT in_holdout($1, 2, .1);
PREPARE untyped AS SELECT in_holdout(1, $1, .1);
\set VERBOSITY default
