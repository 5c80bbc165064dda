-- The SQL of README.md runs as it stands there, in order, in one database that has the tables it asks for, and shows what it says.
SET client_min_messages = warning;
SET jit = off;
SELECT no_plan();
CREATE TABLE purchases AS SELECT 'C-' || (1000 + u) AS customer, 'S' || (u * k) % 50 AS sku, now() - interval '1 day' AS bought_at FROM generate_series(1, 100) AS u, generate_series(1, 5) AS k;
CREATE TABLE online_retail AS SELECT (100 * u + k)::text AS invoice, 'S' || k AS stock_code, 'thing ' || k AS description, 1 + k % 3 AS quantity,
    timestamp '2011-01-01' + u % 90 * interval '1 day' + k * interval '1 hour' AS invoice_date, 1.5 * (1 + u % 4) AS unit_price, u AS customer_id, 'France' AS country
  FROM generate_series(1, 80) AS u, generate_series(1, 20) AS k WHERE k <= 1 + u % 7;
CREATE SCHEMA cron;
CREATE FUNCTION cron.schedule(text, text, text) RETURNS int LANGUAGE sql RETURN 1;
DO $$ BEGIN CREATE ROLE web; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
\set examples `sed -n '/^## First recommendations/,$p' README.md | sed -n '/^\x60\{3\}sql$/,/^\x60\{3\}$/{/^\x60\{3\}/d;p;}'`
\o /dev/null
:examples
\o
SELECT ok((SELECT count(*) FROM ratings) > 0, 'the blocks have run');
SELECT ok(EXISTS (SELECT FROM personalize.models WHERE model = 'content') AND NOT EXISTS (SELECT FROM personalize.models WHERE model = 'both'), 'to the end');
SELECT is((SELECT count(*) FROM recommend_for(42, 5) JOIN books USING (item_id) WHERE genre IN ('crime', 'thriller') AND reason = 'personal'), 5::bigint, 'a reader of crime and thrillers is recommended these');
SELECT is((SELECT count(*) FROM recommend_for(4242, 5) JOIN books USING (item_id) WHERE genre IN ('travel', 'nature') AND reason = 'personal'), 5::bigint, 'a newcomer what goes with the first ratings');
SELECT is((SELECT array_agg(DISTINCT reason ORDER BY reason) FROM recommend_for(4243, 5)), '{popular}', 'an unknown user what is popular');
SELECT ok((SELECT value > popularity + 3 * standard_error FROM evaluate_model('trial', 'test', 10) WHERE metric = 'ndcg'), 'the model on trial beats popularity');
SELECT is((SELECT array_agg(verdict ORDER BY verdict) FROM conversion_report('personalize.impression', 'orders', within => '7 days')), '{better,reference}', 'impressions and orders meet');
SELECT ok((SELECT sum(shown) = 4000 AND min(converted) > 100 FROM conversion_report('personalize.impression', 'orders', within => '7 days')), 'all of them');
SELECT is((SELECT array_agg(item_id) FROM recommend_for(43, 1, 'content', candidates => '{1,2,81}') WHERE reason = 'personal'), '{81}', 'a new book is found by its genre');
SELECT is((SELECT count(*) FROM user_profile(42) WHERE aspect = 'activity'), 2::bigint, 'a profile has what a user did');
SELECT is((SELECT array_agg(DISTINCT segment_of(u, 'tastes')) FROM generate_series(2, 400, 2) AS u), (SELECT ARRAY[3 - segment_of(43, 'tastes')]), 'segments by taste are those that the ratings were made by');
SELECT is((SELECT count(*) FROM popular_items(40, segment => segment_of(43, 'tastes'), segments => 'tastes') JOIN books USING (item_id) WHERE genre IN ('travel', 'nature') AND score > 0), 40::bigint, 'and so is what is popular in them');
SELECT * FROM finish();
DROP OWNED BY web;
DROP ROLE web;
