-- train_ease: a linear model of items, served by the verbs of every model.
SET client_min_messages = warning;
SELECT no_plan();

-- Items 1 and 2 are chosen together, and so are 3 and 4.
CREATE TABLE likes AS
  SELECT u AS user_id, i AS item_id FROM generate_series(1, 40) AS u, generate_series(1, 4) AS i WHERE (i - 1) / 2 = u % 2 AND (u % 5 > 0 OR i % 2 = 1)
  UNION ALL SELECT u, 5 FROM generate_series(1, 40, 3) AS u;
CREATE INDEX ON likes (user_id) INCLUDE (item_id);
SELECT results_eq($$SELECT algorithm, users, items, iterations, loss FROM train_ease('likes', rating_column => NULL, regularization => 2)$$,
  $$VALUES ('ease', 40::bigint, 5::bigint, 0, NULL::float8)$$, 'summary of a training');
SELECT is((SELECT options FROM personalize.models WHERE model = 'default'),
  '{"feedback": "implicit", "weighting": "binary", "regularization": 2, "dropout": 0, "neighbors": 200, "seed": 0, "on_duplicate": "sum"}'::jsonb, 'options are reported');
SELECT is((SELECT item_id FROM recommend_for(5, 1)), 4::bigint, 'who has 3 is recommended 4');
SELECT is((SELECT item_id FROM recommend_for(10, 1)), 2::bigint, 'who has 1 is recommended 2');
SELECT is((SELECT item_id FROM similar_items(1, 1)), 2::bigint, 'and 2 is like 1');
-- With two items of n = (16, 20) users, 16 in common, G = ((20 + l, 16), (16, 16 + l)): B_12 = -P_12 / P_22 = 16 / (20 + l).
CREATE TABLE pair AS SELECT user_id, item_id FROM likes WHERE item_id IN (1, 2);
SELECT train_ease('pair', 'pair', rating_column => NULL, regularization => 4);
SELECT ok(abs(score - 16.0 / 24) < 1e-5, 'the weight of two items is that of the formula') FROM similar_items(1, 1, 'pair');
SELECT train_ease('pair', 'dropped', rating_column => NULL, regularization => 4, dropout => 0.5);
SELECT ok(abs(score - 16.0 / 44) < 1e-5, 'dropout adds its share of the diagonal') FROM similar_items(1, 1, 'dropped');
SELECT set_eq($$SELECT u::bigint, r.item_id, r.score FROM generate_series(1, 40) AS u, recommend_for(u, 3) AS r$$,
  $$SELECT user_id, item_id, score FROM recommend_all(3)$$, 'recommend_all answers as recommend_for');
SELECT ok((SELECT max(abs(r.score - (SELECT sum(contribution) FROM explain_recommendation(u, r.item_id, 50)))) < 1e-4
             FROM generate_series(1, 40) AS u, recommend_for(u, 1) AS r WHERE reason = 'personal'), 'explanations add up');
SELECT ok((SELECT bool_and(value > 0) FROM cross_validate('likes', 'train_ease', '{"rating_column": null}', folds => 2, k => 2) WHERE metric = 'recall'), 'cross_validate measures it');

SELECT throws_ok(format('SELECT train_ease(''likes'', rating_column => NULL, %s)', o), '22023', NULL, o)
  FROM unnest('{regularization => 0,regularization => -1,dropout => 1,dropout => -0.1,neighbors => 0}'::text[]) AS o;
SELECT throws_ok($$SELECT train_ease('likes', rating_column => NULL, dropout => NULL)$$, '22004', NULL, 'dropout NULL');
CREATE TABLE stars AS SELECT *, 3 AS rating FROM likes;
SELECT throws_ok($$SELECT train_ease('stars', feedback => 'explicit')$$, '22023', 'feedback => ''explicit'' does not apply to train_ease', 'explicit feedback');
CREATE TABLE many AS SELECT u AS user_id, i AS item_id FROM generate_series(1, 2) AS u, generate_series(1, 20000) AS i;
SET personalize.max_memory = '200MB';
SELECT throws_like($$SELECT train_ease('many', rating_column => NULL)$$, '%the neighbours would need % MB%', 'a catalogue that is too large is refused with what it would take');
DO $$
DECLARE
  hint text;
BEGIN
  PERFORM train_ease('many', rating_column => NULL);
EXCEPTION WHEN configuration_limit_exceeded THEN
  GET STACKED DIAGNOSTICS hint = PG_EXCEPTION_HINT;
  PERFORM set_config('test.hint', hint, false);
END $$;
SELECT matches(current_setting('test.hint', true), 'personalize.max_memory, or use train_knn with similarity => ''rp3beta''', 'and with what takes less');
RESET personalize.max_memory;

CREATE ROLE ease_reader;
SET ROLE ease_reader;
SELECT throws_ok($$SELECT * FROM recommend_for(1, 3)$$, '42501', 'permission denied for model "default"', 'a model is its owner''s');
RESET ROLE;
SELECT * FROM finish();
