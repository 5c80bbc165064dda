-- The gowalla split of the NGCF and LightGCN papers: every figure again in plain SQL, and the figures that are known.
SET client_min_messages = warning;
SET jit = off;
SELECT plan(7);
CREATE TABLE train AS TABLE gowalla_train;
CREATE TABLE test AS TABLE gowalla_test;
CREATE INDEX ON train (user_id) INCLUDE (item_id);
ANALYZE train, test;
\ir ../include/figures.sql
SELECT count(*) FROM train_mf('train', rating_column => NULL) \gset trained_
SELECT is_empty('SELECT differing(''default'', 20)', 'all figures as in SQL, for 29,858 users and 40,981 items');
CREATE TABLE figure AS SELECT * FROM evaluate_model('default', 'test', 20);
SELECT is((SELECT round(popularity::numeric, 4) FROM figure WHERE metric = 'recall'), .0416, 'popularity has the Recall@20 that is known of it');
SELECT is((SELECT round(popularity::numeric, 4) FROM figure WHERE metric = 'ndcg'), .0317, 'and the NDCG@20');
SELECT cmp_ok((SELECT value FROM figure WHERE metric = 'recall'), '>', .150::float8, 'Recall@20 of the defaults');
SELECT cmp_ok((SELECT value FROM figure WHERE metric = 'ndcg'), '>', .126::float8, 'NDCG@20 of the defaults');
SELECT is((SELECT users FROM figure WHERE metric = 'recall'), 29858::bigint, 'all users are tested');
SELECT is((SELECT value FROM figure WHERE metric = 'overlap'), 0::float8, 'nothing that was trained on');
SELECT * FROM finish();
