-- predict_rating: a score for each row of any query.
SET client_min_messages = warning;
SELECT no_plan();
CREATE TABLE stars AS SELECT u AS user_id, i AS item_id, (3 + CASE WHEN u % 2 = i % 2 THEN 1.5 ELSE -1.5 END + (i % 3 - 1) * 0.4)::real AS rating
  FROM generate_series(1, 40) AS u, generate_series(1, 20) AS i WHERE md5(u || ' ' || i) < 'b';
CREATE INDEX ON stars (user_id);
SELECT count(*) FROM train_mf('stars', factors => 2, feedback => 'explicit') \gset trained_
SELECT count(*) FROM train_mf('stars', 'likes', factors => 2) \gset trained_

-- The prediction.
SELECT cmp_ok((SELECT sqrt(avg((predict_rating(user_id, item_id) - rating) ^ 2)) FROM stars), '<', 0.3::float8, 'close to what was rated');
SELECT cmp_ok((SELECT min(predict_rating(2, i)) FROM generate_series(2, 20, 2) AS i), '>', (SELECT max(predict_rating(2, i)) FROM generate_series(1, 19, 2) AS i), 'their taste above the other');
SELECT ok((SELECT bool_and(predict_rating(u, i) BETWEEN s.low AND s.high) FROM generate_series(1, 40) AS u, generate_series(1, 20) AS i, (SELECT min(rating) AS low, max(rating) AS high FROM stars) AS s), 'within the scale');
SELECT is((SELECT array_agg(i ORDER BY predict_rating(2, i, 'likes') DESC, i) FROM generate_series(1, 20) AS i),
  (SELECT array_agg(item_id::int ORDER BY k) FROM recommend_for(2, 20, 'likes', false) WITH ORDINALITY AS r(item_id, score, reason, k)), 'ORDER BY predict_rating is the order of recommend_for');
SELECT is((SELECT count(*) FROM recommend_for(2, 20, 'likes', false) AS r WHERE score <> predict_rating(2, item_id, 'likes')), 0::bigint, 'and the score is its score');

-- Whom or what the model does not know.
SELECT is(predict_rating(2, 777, 'likes'), NULL, 'implicit: nothing about an unknown item');
SELECT is(predict_rating(777, 2, 'likes'), NULL, 'implicit: nothing about an unknown user');
SELECT cmp_ok(predict_rating(777, 2), '=', predict_rating(778, 2), 'explicit: an unknown user as anyone');
SELECT cmp_ok(predict_rating(777, 20), '>', predict_rating(777, 18), 'explicit: by the item');
SELECT isnt(predict_rating(2, 777), NULL, 'explicit: an unknown item by the user');
SELECT cmp_ok(abs(predict_rating(777, 777) - (SELECT avg(rating) FROM stars)), '<', 1e-5::float8, 'explicit: both unknown, the mean');
SELECT is(predict_rating(NULL::bigint, 2), NULL, 'no user');
SELECT is(predict_rating(2, NULL::bigint), NULL, 'no item');

-- Freshness, also within one statement and after each of several.
CREATE TABLE before AS SELECT predict_rating(2, 4) AS even, predict_rating(2, 5) AS odd;
BEGIN;
UPDATE stars SET rating = 6 - rating WHERE user_id = 2;
SELECT cmp_ok(predict_rating(2, 5), '>', predict_rating(2, 4), 'a change of taste counts at once');
ROLLBACK;
SELECT is((SELECT predict_rating(2, 4)), (SELECT even FROM before), 'and its rollback');
CREATE FUNCTION change_and_ask(item int) RETURNS real LANGUAGE plpgsql AS $$
BEGIN
  UPDATE stars SET rating = CASE WHEN item_id % 2 = item % 2 THEN 5 ELSE 1 END WHERE user_id = 2;
  RETURN predict_rating(2, item);
END $$;
BEGIN;
SELECT ok((SELECT min(change_and_ask(4 + k % 2)) > 3.5 FROM generate_series(1, 6) AS k), 'each call sees what was changed before it, in one statement');
ROLLBACK;
CREATE FUNCTION ask_twice(OUT first real, OUT second real) LANGUAGE plpgsql AS $$
BEGIN
  FOR k IN 1..2 LOOP
    second := predict_rating(2, 5);
    first := coalesce(first, second);
    UPDATE stars SET rating = 6 - rating WHERE user_id = 2;
  END LOOP;
END $$;
BEGIN;
SELECT ok((SELECT second > first FROM ask_twice()), 'a simple expression of PL/pgSQL is asked anew');
ROLLBACK;
CREATE VIEW shown AS SELECT * FROM stars WHERE current_setting('test.show', true) <> 'nothing';
CREATE FUNCTION ask_under(settings text[]) RETURNS boolean[] LANGUAGE plpgsql AS $$
DECLARE
  known boolean[];
BEGIN
  FOR k IN 1 .. cardinality(settings) LOOP
    PERFORM set_config('test.show', settings[k], true);
    known[k] := predict_rating(2, 4, 'shown') IS NOT NULL;
  END LOOP;
  RETURN known;
END $$;
BEGIN;
SET LOCAL test.show = 'all';
SELECT count(*) FROM train_mf('shown', 'shown', factors => 2) \gset trained_
SELECT is(ask_under('{all,nothing,all}'), '{t,f,t}', 'also where only a setting has changed that the source asks for');
ROLLBACK;
SELECT is((SELECT count(DISTINCT predict_rating(u, 3)) > 1 FROM generate_series(1, 40) AS u), true, 'another user, another answer');
SELECT is((SELECT count(*) FROM stars AS s WHERE predict_rating(s.user_id, s.item_id, m.model) IS NULL), 0::bigint, 'model ' || m.model) FROM (VALUES ('default'), ('likes')) AS m(model);
SELECT isnt((SELECT predict_rating(2, 4, m) FROM unnest('{default}'::text[]) AS m), (SELECT predict_rating(2, 4, m) FROM unnest('{likes}'::text[]) AS m), 'models are not mixed up');
SELECT is((SELECT count(DISTINCT p) FROM (SELECT predict_rating(2, 4, m) AS p FROM unnest('{default,likes,default,likes}'::text[]) AS m) AS p), 2::bigint, 'nor in turns');
BEGIN;
SELECT is((SELECT count(*) FROM (SELECT predict_rating(2, 4), version FROM train_mf('stars', factors => 1, iterations => 1, feedback => 'explicit')) AS t), 1::bigint, 'beside a training');
ROLLBACK;
SELECT is((SELECT predict_rating(2, 4)), (SELECT even FROM before), 'and after its rollback');
SELECT * FROM finish();
