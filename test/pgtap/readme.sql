-- The SQL of README.md runs as it stands there, in order, in one database that has the tables it speaks of.
SET client_min_messages = warning;
SET jit = off;
SELECT no_plan();
CREATE TABLE orders AS SELECT 'C-' || (1000 + u) AS customer, 'S' || (u * k) % 50 AS sku, now() - interval '1 day' AS ordered_at FROM generate_series(1, 100) AS u, generate_series(1, 5) AS k;
CREATE TABLE books AS SELECT i AS item_id, 'book ' || i AS title, 'genre ' || i % 3 AS genre FROM generate_series(1, 80) AS i;
CREATE TABLE stock AS SELECT i AS item_id, i % 2 AS quantity FROM generate_series(1, 80) AS i;
CREATE TABLE online_retail AS SELECT (100 * u + k)::text AS invoice, 'S' || k AS stock_code, 'thing ' || k AS description, 1 + k % 3 AS quantity,
    timestamp '2011-01-01' + u % 90 * interval '1 day' + k * interval '1 hour' AS invoice_date, 1.5 * (1 + u % 4) AS unit_price, u AS customer_id, 'France' AS country
  FROM generate_series(1, 80) AS u, generate_series(1, 20) AS k WHERE k <= 1 + u % 7;
CREATE SCHEMA cron;
CREATE FUNCTION cron.schedule(text, text, text) RETURNS int LANGUAGE sql RETURN 1;
DO $$ BEGIN CREATE ROLE web; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
\set examples `sed -n '/^## First result/,$p' README.md | sed -n '/^\x60\{3\}sql$/,/^\x60\{3\}$/{/^\x60\{3\}/d;p;}' | sed '/uuid/d'`
\o /dev/null
:examples
\o
SELECT ok((SELECT count(*) FROM ratings) > 0, 'the blocks have run');
SELECT ok(EXISTS (SELECT FROM personalize.models WHERE model = 'recent'), 'to the end');
SELECT * FROM finish();
DROP OWNED BY web;
DROP ROLE web;
