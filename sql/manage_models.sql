-- Versions of a model: listed, rolled back and forward, dropped.
CREATE TABLE managed (user_id int, item_id int, rating real);
CREATE INDEX ON managed (user_id);
INSERT INTO managed SELECT u, (u + k) % 9, k FROM generate_series(1, 12) AS u, generate_series(1, 4) AS k;
CREATE FUNCTION listed() RETURNS TABLE (model text, version int, active boolean, algorithm text, source text, users bigint, items bigint, ratings bigint, factors text)
  LANGUAGE sql AS $$
  SELECT model, version, active, algorithm, source, users, items, ratings, options->>'factors' FROM personalize.models ORDER BY model COLLATE "C", version
$$;
CREATE FUNCTION answer(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  hint text;
BEGIN
  EXECUTE statement;
  RETURN 'done';
EXCEPTION WHEN OTHERS THEN
  GET STACKED DIAGNOSTICS hint = PG_EXCEPTION_HINT;
  RETURN SQLSTATE || ': ' || SQLERRM || coalesce(' (' || nullif(hint, '') || ')', '');
END $$;
\pset format unaligned

-- Before there is a model.
SELECT * FROM listed();
SELECT answer('SELECT recommend_for(1)');
SELECT answer('SELECT activate_model(''default'', 1)');
SELECT answer('SELECT drop_model(''default'')');
SELECT answer('SELECT grant_model(''default'', ''public'')');
SELECT answer('SELECT revoke_model(''default'', ''public'')');

-- Two versions stay, and the last is the active one.
SELECT version FROM train_mf('managed', 'books', factors => 1, iterations => 1);
SELECT version FROM train_mf('managed', 'books', factors => 2, iterations => 1);
SELECT version FROM train_mf('managed', 'books', factors => 3, iterations => 1);
SELECT version FROM train_mf('managed', E'a "quoted"; DROP TABLE x; -- \n end', factors => 1, iterations => 1, feedback => 'explicit', solver => 'sgd');
SELECT * FROM listed();
SELECT count(DISTINCT version_id) AS versions_with_blocks FROM personalize.model_block;
SELECT size > 0 AS size, owner = current_user AS owner, trained_at <= now() AS trained_at, train_seconds > 0 AS train_seconds, user_type, item_type
  FROM personalize.models WHERE model = 'books' AND active;

-- What serves is what is active.
SELECT array_length(factor, 1) FROM item_factors('books') LIMIT 1;
SELECT answer('SELECT activate_model(''books'', 2)');
SELECT array_length(factor, 1) FROM item_factors('books') LIMIT 1;
SELECT version, active FROM listed() WHERE model = 'books';
SELECT answer('SELECT activate_model(''books'', 2)');
SELECT version, active FROM listed() WHERE model = 'books';
SELECT answer('SELECT activate_model(''books'', 3)');
SELECT answer('SELECT activate_model(''books'', 1)');
SELECT answer('SELECT activate_model(''books'', 0)');
SELECT answer('SELECT activate_model(''books'', -2147483648)');
SELECT answer('SELECT activate_model(NULL, 1)');
SELECT answer('SELECT activate_model(''books'', NULL)');
SELECT answer('SELECT activate_model(''toys'', 1)');

-- A training while an older version is active takes the number after the highest, and the newest stay.
SELECT answer('SELECT activate_model(''books'', 2)');
SELECT version FROM train_mf('managed', 'books', factors => 4, iterations => 1);
SELECT version, active, factors FROM listed() WHERE model = 'books';
SET personalize.keep_versions = 1;
SELECT version FROM train_mf('managed', 'books', factors => 5, iterations => 1);
SELECT version, active, factors FROM listed() WHERE model = 'books';
RESET personalize.keep_versions;

-- All of it follows the transaction.
BEGIN;
SELECT version FROM train_mf('managed', 'books', factors => 6, iterations => 1);
SELECT array_length(factor, 1) FROM item_factors('books') LIMIT 1;
SAVEPOINT s;
SELECT answer('SELECT drop_model(''books'')');
SELECT answer('SELECT popular_items(1, ''books'')');
ROLLBACK TO s;
SELECT array_length(factor, 1) FROM item_factors('books') LIMIT 1;
ROLLBACK;
SELECT version, active, factors FROM listed() WHERE model = 'books';
SELECT array_length(factor, 1) FROM item_factors('books') LIMIT 1;

-- A failed training changes nothing.
SELECT answer('SELECT train_mf(''managed'', ''books'', positive_from => 100)');
SELECT version, active, factors FROM listed() WHERE model = 'books';

-- Errors name what there is.
SELECT answer('SELECT recommend_for(1)');
SELECT answer('SELECT recommend_for(1, model => ''Books'')');
SELECT answer('SELECT recommend_for(1, model => '''')');
SELECT answer('SELECT recommend_for(1, model => NULL)');
SELECT answer('SELECT recommend_for(1, model => ''books '')');
SELECT answer('SELECT drop_model(NULL)');
SELECT answer('SELECT grant_model(''books'', ''no such role'')');
SELECT answer('SELECT grant_model(''books'', NULL)');
SELECT answer('SELECT revoke_model(''books'', ''no such role'')');
SELECT answer('SELECT revoke_model(''books'', ''public'')');

-- Read-only.
BEGIN READ ONLY;
SELECT count(*) FROM recommend_for(1, 2, 'books');
SAVEPOINT s;
SELECT answer('SELECT train_mf(''managed'')');
SELECT answer('SELECT activate_model(''books'', 5)');
SELECT answer('SELECT drop_model(''books'')');
SELECT answer('SELECT grant_model(''books'', ''public'')');
SELECT answer('SELECT revoke_model(''books'', ''public'')');
COMMIT;

-- Gone, with its blocks and grants; the next one of this name begins anew and belongs to no one else.
SELECT answer('SELECT grant_model(''books'', ''public'')');
SELECT answer('SELECT grant_model(''books'', ''public'')');
SELECT answer('SELECT drop_model(''books'')');
SELECT answer('SELECT drop_model(''books'')');
SELECT count(*) FROM personalize.model_grant;
SELECT version FROM train_mf('managed', 'books', factors => 1, iterations => 1);
SELECT answer('SELECT drop_model(''books'')');
SELECT drop_model(model) FROM personalize.models;
SELECT (SELECT count(*) FROM personalize.model) AS models, (SELECT count(*) FROM personalize.model_block) AS blocks;
