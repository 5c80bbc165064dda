-- online_retail: rating_summary through a view with quantities as ratings sees blank customers and cancellations.
SET client_min_messages = warning;
SELECT plan(6);
CREATE VIEW lines AS SELECT customer_id AS user_id, stock_code AS item_id, quantity AS rating, invoice_date AS at FROM online_retail;
CREATE TABLE summary AS SELECT * FROM rating_summary('lines', time_column => 'at');
SELECT is((SELECT value FROM summary WHERE measure = 'rows'), (SELECT count(*)::float8 FROM lines), 'all rows');
SELECT is((SELECT value FROM summary WHERE measure = 'null_users'), (SELECT count(*)::float8 FROM lines WHERE user_id IS NULL), 'blank customers');
SELECT cmp_ok((SELECT value FROM summary WHERE measure = 'null_users'), '>', 100000::float8, 'a quarter of all rows');
SELECT is((SELECT value FROM summary WHERE measure = 'negative_ratings'), (SELECT count(*)::float8 FROM lines WHERE rating < 0), 'negative quantities');
SELECT ok(EXISTS (SELECT FROM summary WHERE measure = 'warning' AND detail ~ 'without a user id' AND value > 100000), 'a warning of the blank customers');
SELECT ok(EXISTS (SELECT FROM summary WHERE measure = 'warning' AND detail ~ 'negative'), 'a warning of the negative quantities');
SELECT * FROM finish();
