-- personalize.progress: trainings that run now, seen while they run by what they read.
SET client_min_messages = warning;
SELECT no_plan();
SELECT is((SELECT count(*) FROM personalize.progress), 0::bigint, 'nothing runs');
CREATE TABLE likes AS SELECT u AS user_id, i AS item_id FROM generate_series(1, 4) AS u, generate_series(1, 3) AS i;
CREATE TABLE seen (who name, progress text, started timestamptz, mine boolean);
GRANT ALL ON seen TO PUBLIC;
CREATE FUNCTION look() RETURNS int LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO seen SELECT current_user, concat_ws(' ', model, phase, iteration, iterations, loss, rows_read), started, pid = pg_backend_pid() FROM personalize.progress;
  RETURN 1;
END $$;
CREATE VIEW looking AS SELECT user_id, item_id, look() AS rating FROM likes;
SELECT is((SELECT ratings FROM train_mf('looking', 'watched', factors => 1, iterations => 1)), 12::bigint, 'trained');
SELECT results_eq('SELECT DISTINCT progress, mine FROM seen', $$VALUES ('watched reading 0', true)$$, 'the training that reads is seen, by itself too');
SELECT is((SELECT count(*) FROM seen), 12::bigint, 'at each row');
SELECT ok((SELECT bool_and(started BETWEEN clock_timestamp() - '1 hour'::interval AND clock_timestamp()) FROM seen), 'since it started');
SELECT is((SELECT count(*) FROM personalize.progress), 0::bigint, 'and gone when it ended');

-- Gone after an error, too, also many times; a name of many letters is cut between them.
CREATE VIEW failing AS SELECT user_id, item_id, 1 / (user_id - 4 + 0 * look()) AS rating FROM likes;
DELETE FROM seen;
SELECT throws_ok($$SELECT train_mf('failing', 'watched')$$, '22012', 'division by zero', 'an error while reading');
SELECT is((SELECT count(*) FROM personalize.progress), 0::bigint, 'leaves nothing');
CREATE FUNCTION fail(times int) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
  failed int := 0;
BEGIN
  FOR k IN 1..times LOOP
    BEGIN
      PERFORM train_mf('failing', 'failing');
    EXCEPTION WHEN division_by_zero THEN failed := failed + 1;
    END;
  END LOOP;
  RETURN failed;
END $$;
SELECT is(fail(300), 300, 'more often than there are slots');
DELETE FROM seen;
SELECT is((SELECT ratings FROM train_mf('looking', repeat('名', 42), factors => 1, iterations => 1)), 12::bigint, 'trained with a long name');
SELECT is((SELECT DISTINCT progress ~ '^名{20,42} reading 0$' FROM seen), true, 'is seen with its name, or the beginning of it');

-- A training within a training.
CREATE FUNCTION train_inside() RETURNS int LANGUAGE plpgsql AS $$
BEGIN
  RETURN (train_mf('looking', 'inner', factors => 1, iterations => 1)).version;
END $$;
CREATE VIEW nesting AS SELECT user_id, item_id, train_inside() AS rating FROM likes WHERE user_id = 1 AND item_id = 1;
DELETE FROM seen;
SELECT is((SELECT ratings FROM train_mf('nesting', 'outer', factors => 1, iterations => 1)), 1::bigint, 'a training inside a training');
SELECT set_eq('SELECT progress FROM seen', ARRAY['inner reading 0', 'outer reading 0'], 'both are seen');
SELECT is((SELECT count(*) FROM personalize.progress), 0::bigint, 'and both gone');

-- Others' trainings are for members of pg_read_all_stats.
SELECT 'r_' || substr(md5(current_database() || pg_backend_pid()), 1, 8) AS r \gset
SELECT :'r' || '_watcher' AS watcher, :'r' || '_statistician' AS statistician \gset
CREATE ROLE :"watcher";
CREATE ROLE :"statistician" IN ROLE pg_read_all_stats;
SELECT format('CREATE FUNCTION look_as() RETURNS int LANGUAGE plpgsql AS $f$ BEGIN SET ROLE %I; PERFORM look(); SET ROLE %I; PERFORM look(); RESET ROLE; RETURN 1; END $f$', :'watcher', :'statistician') \gexec
CREATE VIEW looking_as AS SELECT user_id, item_id, look_as() AS rating FROM likes;
DELETE FROM seen;
SELECT is((SELECT ratings FROM train_mf('looking_as', 'watched', factors => 1, iterations => 1)), 12::bigint, 'trained');
SELECT set_eq('SELECT who FROM seen', ARRAY[:'statistician'], 'seen by who may see statistics, and not by others');
DROP ROLE :"watcher", :"statistician";
SELECT * FROM finish();
