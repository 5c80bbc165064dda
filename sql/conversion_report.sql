-- What an impression earned: one exact answer each.
SET timezone = 'UTC';
CREATE TABLE shown (LIKE personalize.impression INCLUDING DEFAULTS);
CREATE TABLE orders (user_id bigint, item_id bigint, at timestamptz, kind text);
CREATE VIEW report AS
  SELECT model, version, shown, pending, users, converted, rate, round(low::numeric, 4) AS low, round(high::numeric, 4) AS high,
         round(lift::numeric, 4) AS lift, round(p_value::numeric, 6) AS p_value, verdict
    FROM conversion_report('shown', 'orders');
-- Conversions when user 1 was shown item 1 and had events at these times, in days.
CREATE FUNCTION converted(impressions float8[], events float8[]) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  result bigint;
BEGIN
  TRUNCATE shown, orders;
  INSERT INTO shown SELECT 1, 1, 1, 'default', 1, '2020-01-01'::timestamptz + t * '1 day'::interval FROM unnest(impressions) AS t;
  INSERT INTO orders SELECT 1, 1, '2020-01-01'::timestamptz + t * '1 day'::interval, 'order' FROM unnest(events) AS t;
  SELECT r.converted FROM report AS r INTO result;
  RETURN result;
END $$;

-- The window: after the impression, and up to seven days after it.
SELECT converted('{1}', '{}') AS nothing, converted('{1}', '{0.9}') AS before, converted('{1}', '{1}') AS at_once, converted('{1}', '{1.000001}') AS just_after,
       converted('{1}', '{8}') AS at_its_end, converted('{1}', '{8.000001}') AS too_late, converted('{}', '{1}') AS not_shown;
-- The last touch, and once.
SELECT converted('{1}', '{2,3,4}') AS several, converted('{1,2}', '{3}') AS last, converted('{1,2}', '{1.5,3}') AS each, converted('{1,2}', '{2}') AS the_first,
       converted('{1,2}', '{8.5}') AS in_the_second, converted('{1,5}', '{12.5}') AS in_none, converted('{1,1}', '{2}') AS logged_twice;
SELECT * FROM report;

-- Whoever was shown it last earns it, whatever version.
TRUNCATE shown, orders;
INSERT INTO shown (user_id, item_id, model, version, shown_at) VALUES (1, 1, 'default', 1, '2020-01-01'), (1, 1, 'challenger', 7, '2020-01-02'),
  (1, 2, 'challenger', 7, '2020-01-01'), (1, 2, 'default', 1, '2020-01-02'), (2, 1, 'default', 1, '2020-01-01'), (2, 2, 'default', 2, '2020-01-01');
INSERT INTO orders VALUES (1, 1, '2020-01-03', 'order'), (2, 2, '2020-01-02', 'click'), (2, 2, '2020-01-02', 'order'), (2, 1, '2020-01-01', 'click'), (3, 1, '2020-01-03', 'click');
SELECT * FROM report;
SELECT kind, model, version, shown, users, converted, lift, verdict FROM conversion_report('shown', 'orders', kind_column => 'kind');
-- Any version may be the reference.
SELECT model, version, converted, lift, verdict FROM conversion_report('shown', 'orders', reference => 'challenger 7');
SELECT model, version, converted, lift, verdict FROM conversion_report('shown', 'orders', reference => 'challenger');
SELECT model, version, converted, lift, verdict FROM conversion_report('shown', 'orders', reference => 'default 2');
-- Intervals of other length and confidence.
SELECT model, version, converted, round(low::numeric, 4) AS low, round(high::numeric, 4) AS high FROM conversion_report('shown', 'orders', '23 hours', confidence => 0.5);

-- What is missing is passed over; a version that is NULL is a version.
TRUNCATE shown, orders;
ALTER TABLE shown ALTER user_id DROP NOT NULL, ALTER item_id DROP NOT NULL, ALTER shown_at DROP NOT NULL, ALTER model DROP NOT NULL;
SELECT * FROM report;
SELECT * FROM conversion_report('shown', 'orders', kind_column => 'kind', reference => 'no matter');
INSERT INTO shown (user_id, item_id, model, version, shown_at) VALUES (1, 1, 'b', NULL, '2020-01-01'), (1, 2, 'b', 2, '2020-01-01'), (1, 3, NULL, 3, '2020-01-01'), (1, 4, 'default', NULL, '2020-01-01'),
  (NULL, 1, 'b', 2, '2020-01-01'), (1, NULL, 'b', 2, '2020-01-01'), (1, 1, 'b', 2, NULL);
SELECT kind, model, version, shown, converted FROM conversion_report('shown', 'orders', kind_column => 'kind');
INSERT INTO orders VALUES (1, 1, '2020-01-02', NULL), (1, 2, '2020-01-02', ''), (NULL, 1, '2020-01-02', 'x'), (1, NULL, '2020-01-02', 'x'), (1, 2, NULL, 'x'), (1, 3, 'infinity', 'y'), (1, 3, '-infinity', 'z');
SELECT kind, model, version, shown, converted, verdict FROM conversion_report('shown', 'orders', kind_column => 'kind');
SELECT model, version, converted FROM report;
SELECT model, version FROM conversion_report('shown', 'orders', reference => 'b');

-- Whose window has not closed is counted apart.
TRUNCATE shown, orders;
INSERT INTO shown (user_id, item_id, shown_at, version) VALUES (1, 1, now() - '7 days'::interval, 1), (1, 2, now() - '6 days'::interval, 1), (1, 3, now() + '1 day'::interval, 1),
  (1, 4, 'infinity', 1), (1, 5, '-infinity', 1), (1, 6, '294276-12-31', 1), (1, 7, '4713-01-01 BC', 1), (1, 8, now(), 2);
INSERT INTO orders SELECT 1, item, now() - '1 hour'::interval, 'order' FROM generate_series(1, 8) AS item;
SELECT * FROM report;

-- A difference, in 100 users who were shown 10 items each, half of them by each version.
TRUNCATE shown, orders;
INSERT INTO shown SELECT u, i, i, 'default', 1 + u % 2, '2020-01-01' FROM generate_series(1, 100) AS u, generate_series(1, 10) AS i;
INSERT INTO orders SELECT u, i, '2020-01-02', 'order' FROM generate_series(1, 100) AS u, generate_series(1, 10) AS i WHERE i <= 1 + u % 7 + 2 * (u % 4 = 1)::int;
SELECT * FROM report;
SELECT version, round(lift::numeric, 4) AS lift, round(p_value::numeric, 6) AS p_value, verdict FROM conversion_report('shown', 'orders', reference => 'default 2');
SELECT version, verdict FROM conversion_report('shown', 'orders', confidence => 0.999);
SELECT version, round(rate::numeric, 3) AS rate, p_value, verdict FROM conversion_report('shown', 'orders', '1 hour');

-- Bad input says what is wrong.
SELECT * FROM conversion_report('shown', 'orders', '0');
SELECT * FROM conversion_report('shown', 'orders', '-1 day');
SELECT * FROM conversion_report('shown', 'orders', '1 month -30 days');
SELECT * FROM conversion_report('shown', 'orders', '101 years');
SELECT * FROM conversion_report('shown', 'orders', confidence => 0);
SELECT * FROM conversion_report('shown', 'orders', confidence => 1);
SELECT * FROM conversion_report('shown', 'orders', confidence => 95);
SELECT * FROM conversion_report('shown', 'orders', confidence => 'NaN');
SELECT * FROM conversion_report('shown', 'orders', reference => 'default 3');
SELECT * FROM conversion_report(NULL, 'orders');
SELECT * FROM conversion_report('shown', NULL);
SELECT * FROM conversion_report('shown', 'orders', NULL);
SELECT * FROM conversion_report('shown', 'orders', confidence => NULL);
SELECT * FROM conversion_report('shown', 'orders', user_column => NULL);
SELECT * FROM conversion_report('shown', 'orders', item_column => NULL);
SELECT * FROM conversion_report('shown', 'orders', time_column => NULL);
SELECT * FROM conversion_report('shown', 'orders', user_column => 'customer');
SELECT * FROM conversion_report('shown', 'orders', item_column => 'sku');
SELECT * FROM conversion_report('shown', 'orders', time_column => 'ordered');
SELECT * FROM conversion_report('shown', 'orders', kind_column => 'type');
SELECT * FROM conversion_report('shown', 'orders', time_column => 'kind');
SELECT * FROM conversion_report('shown', 'orders', user_column => 'at');
SELECT * FROM conversion_report('orders', 'orders');
SELECT * FROM conversion_report('personalize.model_pkey', 'orders');
SELECT * FROM conversion_report('shown', 'personalize.training');
SELECT * FROM conversion_report(1::regclass, 'orders');
CREATE VIEW without_version AS SELECT user_id, item_id, model, shown_at FROM shown;
CREATE VIEW text_version AS SELECT user_id, item_id, model, 'one' AS version, shown_at FROM shown;
CREATE VIEW dated AS SELECT user_id, item_id, model, version, shown_at::date FROM shown;
CREATE VIEW numbered AS SELECT user_id::numeric, item_id, model, version, shown_at FROM shown;
CREATE VIEW large_version AS SELECT user_id, item_id, model, 3000000000 AS version, shown_at FROM shown;
SELECT * FROM conversion_report('without_version', 'orders');
SELECT * FROM conversion_report('text_version', 'orders');
SELECT * FROM conversion_report('dated', 'orders');
SELECT * FROM conversion_report('numbered', 'orders');
\set SHOW_CONTEXT never
SELECT * FROM conversion_report('large_version', 'orders');
CREATE SEQUENCE moves;
CREATE VIEW moving AS SELECT user_id, item_id, model, nextval('moves')::int AS version, shown_at FROM shown;
SELECT * FROM conversion_report('moving', 'orders');
\set VERBOSITY sqlstate
SELECT * FROM conversion_report('shown', 'orders', '0');
SELECT * FROM conversion_report('shown', 'orders', confidence => 1);
SELECT * FROM conversion_report('shown', 'orders', reference => 'no such');
SELECT * FROM conversion_report('shown', NULL);
SELECT * FROM conversion_report('shown', 'orders', user_column => 'customer');
SELECT * FROM conversion_report('dated', 'orders');
SELECT * FROM conversion_report('personalize.model_pkey', 'orders');
SELECT * FROM conversion_report(1::regclass, 'orders');
SELECT * FROM conversion_report('moving', 'orders');
