-- The store: versions and their files, many models in one session, damaged models.
SET client_min_messages = warning;
SELECT no_plan();
CREATE TABLE likes AS SELECT u AS user_id, (u * 3 + k * k) % 13 AS item_id FROM generate_series(1, 40) AS u, generate_series(1, 5) AS k;
CREATE INDEX ON likes (user_id);
CREATE FUNCTION train(model text, factors int DEFAULT 2) RETURNS int LANGUAGE sql AS $$
  SELECT version FROM train_mf('likes', model, rating_column => NULL, factors => factors, iterations => 1)
$$;
CREATE FUNCTION files() RETURNS SETOF text LANGUAGE sql AS $$
  SELECT file FROM pg_ls_dir('base/pgsql_tmp', true, false) AS file
   WHERE file LIKE 'pgsql_tmp_personalize.' || (SELECT oid FROM pg_database WHERE datname = current_database()) || '.%'
$$;
CREATE FUNCTION file_of(model text) RETURNS text LANGUAGE sql AS $$
  SELECT file FROM files() AS file, personalize.model AS m WHERE m.model = file_of.model AND active AND file LIKE '%.' || replace(version_id::text, '-', '')
$$;

-- Files follow models: made by the first call, gone when the version is.
SELECT is(train('a'), 1, 'version 1');
SELECT is((SELECT count(*) FROM files()), 0::bigint, 'a training makes no file');
SELECT is((SELECT count(*) FROM recommend_for(1, 3, 'a')), 3::bigint, 'served');
SELECT isnt(file_of('a'), NULL, 'the first call makes the file');
SELECT is((SELECT size FROM pg_stat_file('base/pgsql_tmp/' || file_of('a'))), (SELECT size FROM personalize.models WHERE model = 'a'), 'of the model''s size');
CREATE TABLE file_before AS SELECT file_of('a') AS file;
SELECT is(train('a', 3), 2, 'version 2');
SELECT is((SELECT count(*) FROM recommend_for(1, 3, 'a')), 3::bigint, 'served');
SELECT isnt(file_of('a'), (SELECT file FROM file_before), 'another version, another file');
SELECT is(train('a', 4), 3, 'version 3');
SELECT is((SELECT count(*) FROM files() AS f(file) JOIN file_before USING (file)), 0::bigint, 'a version that is not kept takes its file with it');
BEGIN;
SELECT lives_ok($$SELECT drop_model('a')$$, 'dropped');
ROLLBACK;
SELECT is((SELECT count(*) FROM recommend_for(1, 3, 'a')), 3::bigint, 'served after the rollback of its drop');
SELECT lives_ok($$SELECT drop_model('a')$$, 'dropped');
SELECT is((SELECT count(*) FROM files()), 0::bigint, 'no file is left');
BEGIN;
SELECT is(train('a'), 1, 'version 1 of a new model');
SELECT is((SELECT count(*) FROM recommend_for(1, 3, 'a')), 3::bigint, 'served before it is committed');
ROLLBACK;
SELECT throws_ok($$SELECT recommend_for(1, 3, 'a')$$, '42704', 'model "a" does not exist', 'and not after its rollback');
SELECT is(train('b'), 1, 'another');
SELECT is((SELECT count(*) FROM recommend_for(1, 3, 'b')), 3::bigint, 'served');
SELECT is((SELECT count(*) FROM files()), 1::bigint, 'the next file that is made sweeps what was left');

-- More models than a session keeps, in turns.
SELECT is((SELECT count(train('m' || k, 1 + k % 5)) FROM generate_series(1, 50) AS k), 50::bigint, 'fifty models');
SELECT is((SELECT count(*) FROM generate_series(1, 3) AS turn, generate_series(1, 50) AS k, LATERAL (SELECT array_length(factor, 1) AS rank FROM item_factors('m' || k) LIMIT 1) AS f WHERE rank <> 1 + k % 5), 0::bigint, 'each answers for itself');
SELECT is((SELECT count(*) FROM generate_series(1, 3) AS turn, generate_series(1, 50) AS k, recommend_for(k % 40 + 1, 2, 'm' || k)), 300::bigint, 'and reads the ratings');
SELECT is((SELECT count(drop_model('m' || k)) FROM generate_series(1, 50) AS k), 50::bigint, 'dropped');

-- A model of more than one block.
CREATE TABLE large AS SELECT u AS user_id, u % 17 AS item_id FROM generate_series(1, 9000) AS u;
CREATE INDEX ON large (user_id);
SELECT is((SELECT users FROM train_mf('large', 'large', rating_column => NULL, factors => 16, iterations => 1)), 9000::bigint, 'nine thousand users');
SELECT cmp_ok((SELECT count(*) FROM personalize.model_block JOIN personalize.model USING (version_id) WHERE model = 'large'), '>', 1::bigint, 'more than one block');
SELECT is((SELECT sum(length(bytes)) FROM personalize.model_block JOIN personalize.model USING (version_id) WHERE model = 'large'), (SELECT size FROM personalize.models WHERE model = 'large'), 'of the stated size together');
SELECT is((SELECT count(*) FROM user_factors('large')), 9000::bigint, 'read back');

-- Damaged: a clear error, and the session goes on. The version has an id of its own, so that no file hides the damage.
CREATE TABLE whole AS SELECT * FROM personalize.model WHERE model = 'large';
CREATE TABLE whole_blocks AS SELECT b.* FROM personalize.model_block AS b JOIN whole USING (version_id);
CREATE FUNCTION damaged(change text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  rows bigint;
BEGIN
  DELETE FROM personalize.model_block USING personalize.model AS m WHERE m.version_id = model_block.version_id AND m.model = 'damaged';
  DELETE FROM personalize.model WHERE model = 'damaged';
  INSERT INTO personalize.model SELECT (jsonb_populate_record(w, jsonb_build_object('model', 'damaged', 'version_id', 'dddddddd-dddd-dddd-dddd-' || right((extract(epoch FROM clock_timestamp()) * 1e6)::bigint::text, 12)))).* FROM whole AS w;
  INSERT INTO personalize.model_block SELECT m.version_id, b.block, b.bytes FROM whole_blocks AS b, personalize.model AS m WHERE m.model = 'damaged';
  EXECUTE change;
  SELECT count(*) INTO rows FROM user_factors('damaged');
  RETURN rows;
EXCEPTION WHEN OTHERS THEN
  RETURN SQLSTATE || ' ' || SQLERRM;
END $$;
CREATE FUNCTION damage(block int, at int, byte int) RETURNS text LANGUAGE sql AS $$
  SELECT format('UPDATE personalize.model_block AS b SET bytes = set_byte(bytes, %s, (get_byte(bytes, %s) + %s) %% 256) FROM personalize.model AS m WHERE m.version_id = b.version_id AND m.model = ''damaged'' AND b.block = %s', at, at, byte, block)
$$;
SELECT is(damaged('SELECT 1'), '9000', 'a copy of a whole model serves');
SELECT is(damaged(damage(0, at, 1)) ~ '^XX001 model "damaged", version 1, is damaged: ', true, 'a byte of the header: ' || at) FROM unnest('{0,7,8,12,16,24,32,40,48,56,63,64,65,68,72,80,96,100,111,112,120,128,140,160,200,255}'::int[]) AS at;
SELECT is(damaged(damage(b, at, 64)) ~ '^XX001 model "damaged", version 1, is damaged: ', true, format('a byte of block %s at %s', b, at)) FROM (VALUES (0, 256), (0, 100000), (0, 262143), (1, 0), (1, 262143), (2, 77)) AS v(b, at);
SELECT is(damaged(change) ~ '^XX001 model "damaged", version 1, is damaged: ', true, change) FROM unnest(ARRAY[
  'DELETE FROM personalize.model_block AS b USING personalize.model AS m WHERE m.version_id = b.version_id AND m.model = ''damaged'' AND b.block = 1',
  'DELETE FROM personalize.model_block AS b USING personalize.model AS m WHERE m.version_id = b.version_id AND m.model = ''damaged''',
  'UPDATE personalize.model_block AS b SET bytes = substr(bytes, 1, 1000) FROM personalize.model AS m WHERE m.version_id = b.version_id AND m.model = ''damaged'' AND b.block = 1',
  'UPDATE personalize.model_block AS b SET bytes = bytes || ''x'' FROM personalize.model AS m WHERE m.version_id = b.version_id AND m.model = ''damaged'' AND b.block = 1',
  'UPDATE personalize.model_block AS b SET bytes = '''' FROM personalize.model AS m WHERE m.version_id = b.version_id AND m.model = ''damaged'' AND b.block = 0',
  'UPDATE personalize.model_block AS b SET bytes = (SELECT bytes FROM whole_blocks WHERE block = 1 - b.block) FROM personalize.model AS m WHERE m.version_id = b.version_id AND m.model = ''damaged'' AND b.block < 2',
  'UPDATE personalize.model_block AS b SET block = 2147483647 FROM personalize.model AS m WHERE m.version_id = b.version_id AND m.model = ''damaged'' AND b.block = 1',
  'UPDATE personalize.model SET image_bytes = image_bytes - 1 WHERE model = ''damaged''',
  'UPDATE personalize.model SET image_bytes = image_bytes + 1 WHERE model = ''damaged''',
  'UPDATE personalize.model SET image_bytes = 0 WHERE model = ''damaged''',
  'UPDATE personalize.model SET image_bytes = 1 WHERE model = ''damaged''',
  'UPDATE personalize.model SET image_bytes = -1 WHERE model = ''damaged''',
  'UPDATE personalize.model SET image_checksum = image_checksum # 1 WHERE model = ''damaged''']) AS change;
SELECT is(left(damaged('UPDATE personalize.model SET image_bytes = 9223372036854775807 WHERE model = ''damaged'''), 5), '53400', 'a size beyond all memory is refused');
SELECT is(damaged('UPDATE personalize.model SET source_schema = ''pg_catalog'', source_relation = ''pg_class'' WHERE model = ''damaged'''), '9000', 'a source that is none');
SELECT is((SELECT count(*) FROM recommend_for(1, 3, 'damaged')), 3::bigint, 'of which nothing is read');
SELECT is((SELECT count(*) FROM recommend_for(1, 3, 'large')), 3::bigint, 'the whole model still serves');
SELECT * FROM finish();
