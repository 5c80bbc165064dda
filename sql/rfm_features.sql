-- Customers by their orders: what has one exact answer.
CREATE TABLE purchase (customer_id int, ordered_at timestamptz, amount numeric(10, 2), invoice text);
INSERT INTO purchase VALUES (1, '2024-01-01 00:00Z', 10, 'a'), (1, '2024-01-11 00:00Z', 20.5, 'b'), (1, '2024-01-31 12:00Z', 5, 'c'),
  (2, '2024-01-21 00:00Z', 7, 'd'), (2, '2024-01-21 06:00Z', 3, 'd'), (NULL, '2024-02-01 00:00Z', 100, 'e'), (3, NULL, 1, 'f'),
  (4, '2024-03-01 00:00Z', NULL, 'g');
SELECT * FROM rfm_features('purchase');
SELECT * FROM rfm_features('purchase', as_of => '2024-01-31 00:00Z');
SELECT * FROM rfm_features('purchase', order_column => 'invoice', as_of => '2024-01-31 12:00Z');
SELECT * FROM rfm_features('purchase', as_of => '2000-01-01');
CREATE VIEW visits AS SELECT customer_id::text AS who, extract(epoch FROM ordered_at)::int8 AS at, 1.5::real AS value FROM purchase;
SELECT * FROM rfm_features('visits', 'who', 'at', 'value', NULL, NULL, NULL::text);
SELECT customer_id, pg_typeof(customer_id) FROM rfm_features('purchase', 'customer_id', 'ordered_at', 'amount', NULL, NULL, NULL::text) LIMIT 1;
-- A table of features for train_kmeans.
CREATE TABLE rfm AS SELECT * FROM rfm_features('purchase');
SELECT segments FROM train_kmeans('rfm', '{recency,frequency,monetary}', 2, key_column => 'customer_id');

-- Sums do not depend on the order of rows, and lose nothing of real. No value of the order column is one order.
CREATE TABLE shop (customer_id int, ordered_at date, amount real, exact float8, invoice text);
INSERT INTO shop VALUES (1, '2024-01-01', 16777216, 1e15, 'a'), (1, '2024-01-02', 1, 1, 'b'), (1, '2024-01-03', 1, -1e15, NULL), (1, '2024-01-04', 1, 0.5, NULL),
  (2, '2024-01-04', 16777217, 1e299, NULL), (3, '2024-01-04', 0.1, 0.1, 'c'), (3, '2024-01-04', 0.2, 0.2, 'c');
SELECT r.customer_id, r.monetary, e.monetary AS exact FROM rfm_features('shop') AS r JOIN rfm_features('shop', amount_column => 'exact') AS e USING (customer_id) ORDER BY 1;
CREATE VIEW backwards AS SELECT * FROM shop ORDER BY ordered_at DESC, amount DESC;
SELECT customer_id, frequency, monetary, tenure FROM rfm_features('backwards', amount_column => 'exact', order_column => 'invoice');
SELECT count(*) FROM (SELECT * FROM rfm_features('shop', amount_column => 'exact') EXCEPT SELECT * FROM rfm_features('backwards', amount_column => 'exact')) AS other;
INSERT INTO shop VALUES (2, '2024-01-05', 1, 1.7e308, 'x');
SELECT * FROM rfm_features('shop', amount_column => 'exact');
DROP TABLE shop CASCADE;

-- Times that are none count nothing.
CREATE TABLE odd_times (customer_id int, ordered_at timestamptz, amount float8);
INSERT INTO odd_times VALUES (1, '2024-01-01 00:00Z', 5), (1, 'infinity', 5), (2, '-infinity', 7), (2, '2024-01-05 00:00Z', 7), (3, 'infinity', 1);
SELECT * FROM rfm_features('odd_times');
SELECT * FROM rfm_features('odd_times', as_of => '2024-01-03 00:00Z');
CREATE VIEW odd_numbers AS SELECT customer_id, CASE WHEN customer_id = 1 THEN 'NaN' ELSE extract(epoch FROM ordered_at) END::float8 AS ordered_at, amount FROM odd_times;
SELECT * FROM rfm_features('odd_numbers');

-- Wrong input.
SELECT * FROM rfm_features('odd_times', as_of => 'infinity');
SELECT * FROM rfm_features('odd_numbers', as_of => 'NaN');
INSERT INTO odd_times VALUES (7, '2024-01-05 00:00Z', 'Infinity');
SELECT * FROM rfm_features('odd_times');
SELECT * FROM rfm_features('visits', 'who', 'at', 'value');
SELECT * FROM rfm_features('purchase', 'nobody');
SELECT * FROM rfm_features('purchase', time_column => 'invoice');
SELECT * FROM rfm_features('purchase', amount_column => 'invoice');
SELECT * FROM rfm_features('purchase', order_column => 'nothing');
SELECT * FROM rfm_features(NULL);
SELECT * FROM rfm_features('purchase', NULL);
SELECT drop_model('segments');
DROP TABLE purchase, rfm, odd_times CASCADE;
