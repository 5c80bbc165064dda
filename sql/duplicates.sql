-- What was read, skipped and merged, and what repeated rows come to.
CREATE TABLE duplicate_ratings (user_id int, item_id int, rating real, at timestamptz);
CREATE INDEX ON duplicate_ratings (user_id);
INSERT INTO duplicate_ratings VALUES
  (1, 1, 1, '2026-01-01'), (1, 1, 5, '2026-01-03'), (1, 1, 3, '2026-01-02'),
  (1, 2, 4, '2026-01-01'),
  (2, 1, 2, NULL), (2, 1, 4, '2026-01-01'),
  (2, 2, 3, '2026-01-01'),
  (NULL, 1, 1, '2026-01-01'), (1, NULL, 1, '2026-01-01'), (2, 2, NULL, '2026-01-01'), (2, 2, 'NaN', '2026-01-01');

CREATE FUNCTION counted(VARIADIC options text[]) RETURNS TABLE (users bigint, items bigint, ratings bigint, skipped bigint, merged bigint, on_duplicate text)
LANGUAGE plpgsql AS $$
BEGIN
  RETURN QUERY EXECUTE format(
    'SELECT users, items, ratings, skipped, merged, options->>''on_duplicate'' FROM train_mf(''duplicate_ratings'', ''duplicates'', factors => 1, iterations => 1, %s)',
    array_to_string(options, ', '));
END $$;

SELECT * FROM counted('seed => 1');
SELECT * FROM counted('feedback => ''explicit''');
SELECT * FROM counted('positive_from => 3');
SELECT * FROM counted('on_duplicate => ''sum''');
SELECT * FROM counted('on_duplicate => ''mean''');
SELECT * FROM counted('on_duplicate => ''last''', 'time_column => ''at''');
SELECT * FROM counted('rating_column => NULL');

-- 'error' says which.
SELECT * FROM counted('on_duplicate => ''error''');
DELETE FROM duplicate_ratings WHERE user_id = 1 AND item_id = 1 AND rating <> 5;
SELECT * FROM counted('on_duplicate => ''error''');
DELETE FROM duplicate_ratings WHERE user_id = 2 AND at IS NULL;
SELECT * FROM counted('on_duplicate => ''error''');

-- The rule can be seen: one rating that reaches positive_from or not, by what the repeats come to. Where none
-- does there is nothing to learn, and the message says what the highest came to.
CREATE TABLE repeats (user_id int, item_id int, rating real, at float8);
CREATE INDEX ON repeats (user_id);
INSERT INTO repeats VALUES (1, 1, 2, 10), (1, 1, 3, 30), (1, 1, 4, 20);
CREATE FUNCTION comes_to(rule text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  PERFORM train_mf('repeats', 'repeats', factors => 1, iterations => 1, positive_from => 1000, on_duplicate => rule, time_column => 'at');
  RETURN 'trained';
EXCEPTION WHEN invalid_parameter_value THEN
  RETURN SQLERRM;
END $$;
SELECT rule, comes_to(rule) FROM unnest('{sum,mean,last}'::text[]) AS rule;
UPDATE repeats SET at = NULL WHERE at = 30;                     -- no time is before all times
SELECT comes_to('last');
UPDATE repeats SET at = 'NaN' WHERE at = 20;                    -- nor is NaN one
SELECT comes_to('last');
UPDATE repeats SET at = 10;                                     -- of equal times the highest rating counts
SELECT comes_to('last');
INSERT INTO repeats SELECT 1, 1, 3e38, 0 FROM generate_series(1, 3);
SELECT comes_to('sum');
SELECT comes_to('mean');

-- Times of every kind.
CREATE TABLE repeats_in_time (user_id int, item_id int, rating real, stamp timestamp, day date, number numeric, small smallint, word text);
CREATE INDEX ON repeats_in_time (user_id);
INSERT INTO repeats_in_time VALUES (1, 1, 1, '2026-01-01', '2026-01-02', 1.5, 1, 'a'), (1, 1, 2, '2026-01-02', '2026-01-01', 1.25, 2, 'b');
CREATE FUNCTION last_by(name) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  PERFORM train_mf('repeats_in_time', 'repeats', factors => 1, iterations => 1, positive_from => 1000, on_duplicate => 'last', time_column => $1);
  RETURN 'trained';
EXCEPTION WHEN invalid_parameter_value OR datatype_mismatch THEN
  RETURN SQLSTATE || ' ' || SQLERRM;
END $$;
SELECT by, last_by(by) FROM unnest('{stamp,day,number,small,word}'::name[]) AS by;
UPDATE repeats_in_time SET stamp = '-infinity' WHERE rating = 2;
SELECT last_by('stamp');
UPDATE repeats_in_time SET stamp = 'infinity' WHERE rating = 2;
SELECT last_by('stamp');

-- Nothing but what is skipped.
CREATE TABLE nothing_left (user_id int, item_id int, rating real);
CREATE INDEX ON nothing_left (user_id);
SELECT train_mf('nothing_left', 'nothing');
INSERT INTO nothing_left VALUES (NULL, 1, 1), (1, NULL, 1), (1, 1, NULL), (1, 1, 'NaN');
SELECT train_mf('nothing_left', 'nothing');
SELECT count(*) AS models FROM personalize.models WHERE model = 'nothing';

-- A column that has gone: what was stored serves, and a session is told so once.
SELECT version FROM train_mf('repeats_in_time', 'gone', factors => 1, iterations => 1, on_duplicate => 'last', time_column => 'stamp');
SELECT count(*) FROM recommend_for(1, 5, 'gone', false);
ALTER TABLE repeats_in_time RENAME stamp TO moment;
SELECT count(*) FROM recommend_for(1, 5, 'gone', false);
SELECT count(*) FROM recommend_for(1, 5, 'gone', false);
\c -
SELECT count(*) FROM recommend_for(1, 5, 'gone', false);
ALTER TABLE repeats_in_time RENAME moment TO stamp;
SELECT count(*) FROM recommend_for(1, 5, 'gone', false);
SELECT drop_model('duplicates'), drop_model('repeats'), drop_model('gone');
