-- train_mf(solver => 'gibbs') and predict_rating_interval.
SET client_min_messages = warning;
SELECT no_plan();

-- Ratings that biases and one taste explain but for noise; a fifth is hidden.
SELECT setseed(.5);
CREATE TABLE stars AS
  SELECT u AS user_id, i AS item_id,
         (3 + (u % 5 - 2) * 0.3 + (i % 7 - 3) * 0.2 + CASE WHEN u % 2 = i % 2 THEN 0.6 ELSE -0.6 END
            + 0.4 * sqrt(-2 * ln(1 - random())) * cos(2 * pi() * random()))::real AS rating
    FROM generate_series(1, 120) AS u, generate_series(1, 60) AS i WHERE (u * 7 + i * 3) % 4 <> 0;
CREATE TABLE known_stars AS SELECT * FROM stars WHERE (user_id * 3 + item_id) % 5 <> 0;
CREATE INDEX ON known_stars (user_id) INCLUDE (item_id, rating);
CREATE VIEW hidden_stars AS SELECT * FROM stars WHERE (user_id * 3 + item_id) % 5 = 0;

SELECT results_eq($$SELECT algorithm, iterations, options->>'solver', (options->>'factors')::int FROM train_mf('known_stars', feedback => 'explicit', solver => 'gibbs')$$,
  $$VALUES ('mf_gibbs', 100, 'gibbs', 16)$$, 'defaults of Gibbs sampling');
SELECT ok(NOT options ? 'regularization' AND NOT options ? 'tolerance', 'it has no regularization') FROM personalize.models WHERE model = 'default';
SELECT train_mf('known_stars', 'als', feedback => 'explicit', factors => 8);

-- It predicts about as well as the noise lets it.
SELECT cmp_ok((SELECT value FROM evaluate_model('default', 'hidden_stars') WHERE metric = 'rmse'), '<', 0.48::float8, 'errors are near the noise of 0.4');
SELECT is((SELECT count(*) FROM hidden_stars WHERE abs(predict_rating(user_id, item_id) - (predict_rating_interval(user_id, item_id)).rating) > 1e-5), 0::bigint,
  'the interval is around what predict_rating says');
SELECT ok((SELECT bool_and(p.lower < p.rating AND p.rating < p.upper) FROM hidden_stars AS h, predict_rating_interval(h.user_id, h.item_id) AS p), 'and holds it');
SELECT ok(share BETWEEN c - 0.08 AND c + 0.06, format('%s %% intervals hold %s %%', 100 * c, round(100 * share)))
  FROM unnest('{0.5,0.8,0.9}'::float8[]) AS c,
       LATERAL (SELECT avg((h.rating BETWEEN p.lower AND p.upper)::int) AS share FROM hidden_stars AS h, predict_rating_interval(h.user_id, h.item_id, c) AS p) AS s;
SELECT ok((SELECT stranger.upper - stranger.lower > known.upper - known.lower FROM predict_rating_interval(9999, 3) AS stranger, predict_rating_interval(3, 3) AS known),
  'of a stranger less is known');

-- What is rated now counts now; lists and explanations are those of every model.
BEGIN;
DELETE FROM known_stars WHERE user_id = 7;
SELECT is((predict_rating_interval(7, 3)).lower, (predict_rating_interval(9999, 3)).lower, 'a user without ratings is a stranger');
ROLLBACK;
SELECT is((SELECT count(*) FROM recommend_for(7, 5)), 5::bigint, 'recommend_for');
SELECT is((SELECT count(*) FROM similar_items(7, 5)), 5::bigint, 'similar_items');
SELECT is((SELECT array_length(factor, 1) FROM item_factors() LIMIT 1), 256, 'factors of sixteen samples side by side');
SELECT train_mf('known_stars', 'stored', feedback => 'explicit', solver => 'gibbs', factors => 4, iterations => 20, fold_in => false);
SELECT train_mf('known_stars', 'again', feedback => 'explicit', solver => 'gibbs', factors => 4, iterations => 20);
SELECT is((SELECT count(*) FROM hidden_stars WHERE predict_rating(user_id, item_id, 'stored') <> predict_rating(user_id, item_id, 'again')), 0::bigint,
  'folded in or stored, the prediction is the same, and so are two trainings');

-- Nothing to say.
SELECT is(predict_rating_interval(7, 9999)::text, '(,,)', 'an unknown item');
SELECT is(predict_rating_interval(NULL::bigint, 7)::text, '(,,)', 'nobody');
SELECT is(predict_rating_interval('7', '3')::text, predict_rating_interval(7, 3)::text, 'ids as text');

-- What is refused.
SELECT throws_ok($$SELECT predict_rating_interval(7, 3, 0.9, 'als')$$, '42809', 'model "als" knows ratings, but not how sure they are', 'a model without samples');
SELECT throws_ok($$SELECT predict_rating_interval(7, 3, 0.9, 'stored')$$, '55000', NULL, 'stored factors');
SELECT throws_ok(format('SELECT predict_rating_interval(7, 3, %s)', c), '22023', NULL, 'coverage ' || c) FROM unnest('{0,1,-1,"''NaN''"}'::text[]) AS c;
SELECT throws_ok($$SELECT predict_rating_interval(7, 3, NULL)$$, '22004', NULL, 'coverage NULL');
SELECT throws_ok($$SELECT predict_rating_interval(7, 3, 0.9, 'none')$$, '42704', NULL, 'no such model');
SELECT throws_ok(format('SELECT train_mf(''known_stars'', feedback => ''explicit'', solver => ''gibbs'', %s)', o), '22023', NULL, o)
  FROM unnest('{factors => 65,factors => 0,regularization => 0.1,tolerance => 0.1,learning_rate => 0.1,iterations => 0,unobserved_weight => 1}'::text[]) AS o;
SELECT throws_ok($$SELECT train_mf('known_stars', solver => 'gibbs')$$, '22023', 'solver => ''gibbs'' does not apply to implicit feedback', 'implicit feedback');
SELECT throws_ok($$CALL tune_mf('known_stars', feedback => 'explicit', solver => 'gibbs')$$, '22023', 'solver => ''gibbs'' does not apply to tune_mf', 'tune_mf');

-- Rights.
CREATE ROLE interval_reader;
SET ROLE interval_reader;
SELECT throws_ok($$SELECT predict_rating_interval(7, 3)$$, '42501', 'permission denied for model "default"', 'a model is its owner''s');
RESET ROLE;
SELECT grant_model('default', 'interval_reader');
SET ROLE interval_reader;
SELECT throws_ok($$SELECT predict_rating_interval(7, 3)$$, '55000', NULL, 'ratings that may not be read');
RESET ROLE;

SELECT * FROM finish();
