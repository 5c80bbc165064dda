-- What training and serving of segments say where a key is missing, and where versions end.
SET client_min_messages = warning;
SELECT no_plan();
\i test/include/try.sql
CREATE TABLE customer (id int PRIMARY KEY, spend float8);
INSERT INTO customer SELECT k, k % 4 * 100 FROM generate_series(1, 150) AS k;
CREATE TABLE keyless AS TABLE customer;
CREATE TABLE two_keys (a int, b int, x float8, PRIMARY KEY (a, b));

-- Which column may be the key.
SELECT matches(try(format($$SELECT %s('customer', '{spend}', key_column => 'nr')$$, f)), '^42703: relation public.customer has no column "nr" \(Name the column with key_column => ''id''; there are: id, ', f || ': the primary key') FROM unnest('{train_kmeans,train_dbscan}'::text[]) AS f;
SELECT matches(try($$SELECT train_kmeans('keyless', '{spend}', key_column => 'nr')$$), 'key_column => ''\.\.\.''; there are: id, ', 'none there');
SELECT matches(try($$SELECT train_kmeans('two_keys', '{x}', key_column => 'nr')$$), 'key_column => ''\.\.\.''; there are: a, b, x', 'one of two columns');
SELECT train_kmeans('customer', '{spend}', 2, 'nameless'), train_kmeans('keyless', '{spend}', 2, 'keyless');
SELECT is(try($$SELECT segment_of(1, 'nameless')$$), '55000: model "nameless" was trained without a key (Train it with key_column => ''id'', or use assign_segment().)', 'a model without a key');
SELECT matches(try($$SELECT segment_of(1, 'keyless')$$), 'key_column => ''\.\.\.''', 'whose table has none');
ALTER TABLE customer RENAME TO gone;
SELECT matches(try($$SELECT segment_of(1, 'nameless')$$), 'key_column => ''\.\.\.''', 'whose table is gone');

-- Versions end somewhere.
SELECT train_kmeans('keyless', '{spend}', 2, 'last');
UPDATE personalize.model SET version = 2147483647 WHERE model = 'last';
SELECT is(try($$SELECT train_kmeans('keyless', '{spend}', 2, 'last')$$), '54000: model "last" has version 2147483647, the last that there can be (Drop it, or train a model of another name.)', 'no version after the last');

SELECT * FROM finish();
