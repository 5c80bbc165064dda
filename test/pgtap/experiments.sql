-- The walk-through of doc/experiments.md does what it says: its SQL is run as it stands there.
SET client_min_messages = warning;
SELECT no_plan();
\set walk `sed -n '/^\x60\{3\}sql$/,/^\x60\{3\}$/{/^\x60\{3\}/d;p;}' doc/experiments.md`
\o /dev/null
:walk
\o
SELECT ok((SELECT count(*) FROM ratings) > 0 AND (SELECT count(*) FROM personalize.impression) = 30000, 'the blocks have run');
SELECT results_eq($$SELECT model, version, verdict FROM conversion_report('personalize.impression', 'orders')$$,
  $$VALUES ('default', 1, 'reference'), ('challenger', 1, 'better')$$, 'the planted lift is found');
SELECT ok(bool_and(CASE model WHEN 'challenger' THEN 0.14 ELSE 0.1 END BETWEEN low AND high), 'the intervals hold the true rates')
  FROM conversion_report('personalize.impression', 'orders');
SELECT ok(lift BETWEEN 0.25 AND 0.55, 'the lift is about 40 %') FROM conversion_report('personalize.impression', 'orders') WHERE model = 'challenger';
SELECT results_eq($$SELECT model, version, verdict FROM conversion_report('personalize.impression', 'orders_alike')$$,
  $$VALUES ('default', 1, 'reference'), ('challenger', 1, 'no difference seen')$$, 'where there is no lift, none is seen');
SELECT ok(bool_and(0.1 BETWEEN low AND high), 'and the intervals hold the true rate') FROM conversion_report('personalize.impression', 'orders_alike');
SELECT is((SELECT count(*) FROM personalize.impression WHERE model <> model_for(user_id::bigint)), 0::bigint, 'each user saw the model of their group');
SELECT is((SELECT array_agg(model || ' ' || version ORDER BY version) FROM personalize.models), '{default 1,default 2}', 'the winner took over');
SELECT * FROM finish();
