-- What a ratings table holds: every measure, counted by hand.
CREATE TABLE summed (user_id text, item_id int, rating float8, at timestamp);
CREATE INDEX ON summed (user_id);
INSERT INTO summed VALUES
  ('ann', 1, 5, '2026-01-01'), ('ann', 1, 4, '2026-01-02'), ('ann', 2, 0, '2026-01-03'), ('ann', 3, 5, '2026-01-03'), ('ann', 4, 5, NULL),
  ('bob', 1, -1, '2026-01-03'), ('bob', NULL, 2, '2026-01-03'), ('', 1, 2, '2026-01-03'), (E' \t', 2, 2, '2026-01-03'),
  (NULL, 9, 2, '2026-01-03'), ('cy', 1, NULL, '2026-01-03'), ('cy', 2, 'NaN', '2026-01-03'), ('cy', 3, 'Infinity', '2026-01-03'),
  ('cy', 4, 1e39, '2026-01-13 12:00');
SELECT * FROM rating_summary('summed', time_column => 'at', lowest => 0.5, highest => 4);

-- Each row counts 1.
SELECT * FROM rating_summary('summed', rating_column => NULL) WHERE measure ~ '^(rows|usable|rating_m|rating_d|rating \d|null_r|warning)';

-- More than 20 values: quantiles instead of each.
CREATE TABLE many_values AS SELECT k AS user_id, k AS item_id, k - 1 AS rating FROM generate_series(1, 21) AS k;
CREATE INDEX ON many_values (user_id);
SELECT measure, value, detail FROM rating_summary('many_values') WHERE measure ~ '^rating[_ ]';
SELECT measure, value, detail FROM rating_summary('many_values') WHERE measure ~ 'per_user|per_item|warning';
DELETE FROM many_values WHERE user_id = 21;
SELECT count(*) AS values FROM rating_summary('many_values') WHERE measure ~ '^rating [0-9]+$';

-- Times of each kind.
CREATE TABLE timed (user_id int, item_id int, rating int, stamp timestamptz, day date, number bigint, word text);
INSERT INTO timed VALUES (1, 1, 1, '2026-01-01 00:00+00', '2026-01-01', 1700000000, 'a'), (1, 2, 2, '2026-01-02 12:00+00', '2026-01-03', 1700086400, 'b');
SET timezone = 'Asia/Tokyo';
SELECT t, measure, value, detail FROM unnest('{stamp,day,number}'::name[]) AS t, rating_summary('timed', time_column => t) WHERE measure ~ 'time';
SET timezone = 'UTC';
UPDATE timed SET stamp = '-infinity', day = 'infinity' WHERE item_id = 1;
SELECT t, measure, value, detail FROM unnest('{stamp,day}'::name[]) AS t, rating_summary('timed', time_column => t) WHERE measure ~ 'time';
UPDATE timed SET stamp = now() + interval '1 day', day = current_date + 1, number = 9999999999;
SELECT t, value, detail FROM unnest('{stamp,day,number}'::name[]) AS t, rating_summary('timed', time_column => t) WHERE detail ~ 'future';
UPDATE timed SET stamp = now(), day = current_date;
SELECT t, value, detail FROM unnest('{stamp,day}'::name[]) AS t, rating_summary('timed', time_column => t) WHERE detail ~ 'future';

-- Nothing in it.
CREATE TABLE nothing (user_id uuid, item_id text, rating numeric, at date);
SELECT * FROM rating_summary('nothing', time_column => 'at', lowest => 1);
INSERT INTO nothing VALUES (NULL, NULL, NULL, NULL), (NULL, NULL, 'NaN', NULL);
SELECT measure, value FROM rating_summary('nothing', time_column => 'at') WHERE value > 0;

-- One row; all ratings equal.
CREATE TABLE one_row AS SELECT 1::smallint AS user_id, 'a'::varchar(5) AS item_id, 3::numeric AS rating;
SELECT measure, value, detail FROM rating_summary('one_row') WHERE value <> 0;
INSERT INTO one_row VALUES (2, 'a', 3);
SELECT value, detail FROM rating_summary('one_row') WHERE detail ~ 'equal';

-- A scale given in the decimals of another type: nothing is outside.
CREATE TABLE decimals AS SELECT 1 AS user_id, 1 AS item_id, 4.1::numeric AS exact, 4.1::real AS rounded, 4.1::float8 AS double;
SELECT c, measure, value FROM unnest('{exact,rounded,double}'::name[]) AS c, rating_summary('decimals', rating_column => c, lowest => 4.1, highest => 4.1)
 WHERE measure ~ 'lowest|highest|^rating [0-9]';

-- A view has no index to miss; a table whose index is partial or of another column has.
CREATE VIEW summed_view AS SELECT user_id AS "Who ""?""", item_id AS what, rating AS "$1", at FROM summed;
SELECT count(*) AS warnings FROM rating_summary('summed_view', 'Who "?"', 'what', '$1') WHERE detail ~ 'INDEX';
DROP INDEX summed_user_id_idx;
CREATE INDEX ON summed (user_id) WHERE user_id <> '';
SELECT value, detail FROM rating_summary('summed', time_column => 'at') WHERE detail ~ 'INDEX';

-- Refused.
SELECT * FROM rating_summary(NULL);
SELECT * FROM rating_summary('summed', user_column => NULL);
SELECT * FROM rating_summary('summed', item_column => NULL);
SELECT * FROM rating_summary('summed', user_column => 'nobody');
SELECT * FROM rating_summary('summed', rating_column => 'stars');
SELECT * FROM rating_summary('summed', rating_column => 'at');
SELECT * FROM rating_summary('summed', user_column => 'at');
SELECT * FROM rating_summary('summed', time_column => 'user_id');
SELECT * FROM rating_summary('summed', time_column => 'when');
SELECT * FROM rating_summary('summed', lowest => 5, highest => 1);
SELECT * FROM rating_summary('summed', lowest => 'NaN');
SELECT * FROM rating_summary('summed', highest => 'Infinity');
SELECT * FROM rating_summary('summed_user_id_idx');
SELECT * FROM rating_summary(0);
\set VERBOSITY sqlstate
SELECT * FROM rating_summary(NULL);
SELECT * FROM rating_summary('summed', user_column => NULL);
SELECT * FROM rating_summary('summed', user_column => 'nobody');
SELECT * FROM rating_summary('summed', user_column => 'at');
SELECT * FROM rating_summary('summed', lowest => 5, highest => 1);
