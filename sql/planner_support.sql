-- How many rows the planner expects of the set-returning functions.
SET client_min_messages = warning;
CREATE TABLE planner_ratings (user_id int, item_id int);
INSERT INTO planner_ratings SELECT u, (u * 7 + k * 3) % 23 FROM generate_series(1, 40) AS u, generate_series(0, 5) AS k;
SELECT users, items FROM train_mf('planner_ratings', 'planned', rating_column => NULL, factors => 2, iterations => 1);

CREATE FUNCTION expected_rows(query text) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
  plan json;
BEGIN
  EXECUTE 'EXPLAIN (FORMAT json) ' || query INTO plan;
  RETURN plan->0->'Plan'->>'Plan Rows';
END $$;

SELECT query, expected_rows(query) AS rows
  FROM unnest(ARRAY[
    'SELECT * FROM recommend_for(1, 7, ''planned'')',
    'SELECT * FROM recommend_for(1, model => ''planned'')',
    'SELECT * FROM recommend_for(''1'', 3 + 4, ''planned'')',
    'SELECT * FROM recommend_for(NULL::uuid, 8, NULL::bigint, ''planned'')',
    'SELECT * FROM similar_items(1, 5, ''planned'')',
    'SELECT * FROM similar_users(1, 6, ''planned'')',
    'SELECT * FROM popular_items(4, ''planned'')',
    'SELECT * FROM popular_items(2000000000, ''planned'')',
    'SELECT * FROM popular_items(4, ''planned'', NULL::text)',
    'SELECT * FROM recommend_all(3, ''planned'')',
    'SELECT * FROM recommend_all(3, ''planned'', NULL::text, NULL::bigint)',
    'SELECT * FROM user_factors(''planned'')',
    'SELECT * FROM item_factors(''planned'')',
    'SELECT * FROM item_factors(''planned'', NULL::text)',
    -- what cannot be known is guessed, and a wrong call fails when it runs, not when it is planned
    'SELECT * FROM recommend_for(1, (random() * 5)::int, ''planned'')',
    'SELECT * FROM recommend_for(1, NULL, ''planned'')',
    'SELECT * FROM recommend_for(1, -3, ''planned'')',
    'SELECT * FROM recommend_all(3, ''no such model'')',
    'SELECT * FROM recommend_all(3, NULL)',
    'SELECT * FROM user_factors(''no such model'')'
  ]) AS query;

-- A parameter of a prepared statement counts where the plan is made for its value.
PREPARE planned(int) AS SELECT * FROM recommend_for(1, $1, 'planned');
SET plan_cache_mode = force_custom_plan;
SELECT expected_rows('EXECUTE planned(6)') AS custom;
SET plan_cache_mode = force_generic_plan;
SELECT expected_rows('EXECUTE planned(6)') AS generic;
RESET plan_cache_mode;
DEALLOCATE planned;
SELECT drop_model('planned');
