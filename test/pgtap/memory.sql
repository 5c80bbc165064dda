-- Memory: what a training may take is refused before it is taken; calls that fail and calls that succeed leave nothing.
SET client_min_messages = warning;
SET personalize.threads = 1;
SELECT no_plan();
CREATE TABLE likes AS SELECT u AS user_id, i AS item_id, 1 AS rating FROM generate_series(1, 40) AS u, generate_series(1, 30) AS i WHERE md5(u || ' ' || i) < '4';
CREATE INDEX ON likes (user_id);
SELECT count(*) FROM train_mf('likes', factors => 4) \gset trained_
SELECT count(*) FROM train_mf('likes', 'stars', factors => 4, feedback => 'explicit') \gset trained_

-- The limit. The refusal names both numbers and the setting, and comes at once.
SET personalize.max_memory = '1MB';
CREATE TABLE many AS SELECT u AS user_id, u % 1000 AS item_id, 1 AS rating FROM generate_series(1, 60000) AS u;
CREATE INDEX ON many (user_id);
CREATE FUNCTION refusal(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  hint text;
BEGIN
  EXECUTE statement;
  RETURN 'done';
EXCEPTION WHEN OTHERS THEN
  GET STACKED DIAGNOSTICS hint = PG_EXCEPTION_HINT;
  RETURN SQLSTATE || ' ' || SQLERRM || ' / ' || hint;
END $$;
SELECT matches(refusal('SELECT train_mf(''many'')'), '^53400 .* would need \d+ MB of memory, and the limit is 1 MB / .*personalize.max_memory', 'reading too much is refused');
SELECT matches(refusal('SELECT train_mf(''likes'', factors => 1024)'), '^53400 .* would need \d+ MB of memory, and the limit is 1 MB / .*personalize.max_memory', 'so is training with too many factors');
SELECT is(refusal('SELECT train_mf(''likes'', ''small'', factors => 4)'), 'done', 'what fits is trained');
SELECT is((SELECT count(*) FROM personalize.models WHERE model = 'many'), 0::bigint, 'nothing is kept of what was refused');
RESET personalize.max_memory;
SELECT is(refusal('SELECT train_mf(''many'', ''many'', factors => 16, iterations => 1)'), 'done', 'with the default limit it is trained');
-- At each limit in between there is either a refusal or a model, and never anything else.
CREATE FUNCTION within(kb int) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('personalize.max_memory', kb || 'kB', true);
  RETURN left(refusal('SELECT train_mf(''many'', ''many'', factors => 16, iterations => 1)'), 5);
END $$;
SELECT is((SELECT array_agg(DISTINCT within(kb) ORDER BY within(kb)) FROM unnest('{2000,3000,4000,5000,6000,8000,10000,12000,14000,17000,20000,1000000}'::int[]) AS kb), '{53400,done}', 'refused or trained');
SET personalize.max_memory = '1MB';
SELECT matches(refusal('SELECT recommend_for(1, 5, ''many'')'), '^(53400 .* would need \d+ MB .* limit is 1 MB|done)', 'serving within the limit, or refused');
RESET personalize.max_memory;
SELECT is((SELECT count(*) FROM recommend_for(1, 5, 'many')), 5::bigint, 'and served without it');

-- A model of segments is decoded within the limit.
CREATE TABLE heights AS SELECT k AS id, k::float8 AS x FROM generate_series(1, 300000) AS k;
SELECT train_dbscan('heights', '{x}', 2, 3, 'heights', scale => 'none');
SET personalize.max_memory = '5MB';
SELECT matches(refusal(format('SELECT * FROM %s', call)), '^53400 the segments would need \d+ MB of memory, and the limit is 5 MB', call)
  FROM unnest('{"assign_segment(''heights'', ''{1}'')","segment_quality(''heights'')","popular_items(5, segment => 1, segments => ''heights'')"}'::text[]) AS call;
RESET personalize.max_memory;
SELECT is(assign_segment('heights', '{1}'), 1, 'and answers without it');

-- 20,000 calls that fail, 20,000 that succeed, hundreds of trainings of both kinds.
CREATE VIEW failing AS SELECT user_id, item_id, 1 / (40 - user_id) AS rating FROM likes;
CREATE TABLE failures (call text);
INSERT INTO failures VALUES
  ('SELECT * FROM recommend_for(1, -1)'), ('SELECT * FROM recommend_for(1, 5, ''no such model'')'), ('SELECT * FROM recommend_for(''one'', 5)'),
  ('SELECT * FROM recommend_for(''00000000-0000-0000-0000-000000000000''::uuid, 5)'), ('SELECT * FROM recommend_for(1, 5, candidates => ARRAY[''x'']::text[])'), ('SELECT * FROM recommend_for(''1'', 5, candidates => ARRAY[''1'', ''x''])'),
  ('SELECT predict_rating(1, ''x''::text)'), ('SELECT similar_items(1, NULL)'), ('SELECT popular_items(5, ''default'', NULL::uuid)'), ('SELECT cosine_sim(''{1,2}''::real[], ''{1}''::real[])'),
  ('SELECT cosine_sim(''{"a": 1, "b": "x"}''::jsonb, ''{}'')'), ('SELECT tf_idf(''a''::tsvector, ''{"a": 1e999}'')'), ('SELECT idf(d) FROM unnest(''{"{}","[]"}''::jsonb[]) AS d'),
  ('SELECT train_mf(''likes'', factors => 0)'), ('SELECT train_mf(''likes'', item_column => ''none'')'), ('SELECT train_mf(''likes'', rating_column => ''none'')'), ('SELECT activate_model(''default'', 77)'), ('SELECT drop_model(''none'')'), ('SELECT grant_model(''default'', ''no such role'')');
CREATE TABLE successes (call text);
INSERT INTO successes VALUES
  ('SELECT * FROM recommend_for($1, 5)'), ('SELECT * FROM recommend_for($1::text, 5, ''stars'')'), ('SELECT * FROM recommend_for($1, 5, candidates => ARRAY[1, 2, NULL, 3, 777])'), ('SELECT * FROM recommend_for($1 + 1000, 5)'),
  ('SELECT predict_rating($1, 1)'), ('SELECT predict_rating($1::text, ''1''::text, ''stars'')'), ('SELECT * FROM similar_items($1 % 30, 5)'), ('SELECT * FROM similar_users($1, 5)'), ('SELECT * FROM popular_items(5)'),
  ('SELECT * FROM item_factors(''stars'')'), ('SELECT * FROM recommend_all(1)'), ('SELECT cosine_sim(ARRAY[$1, 2]::real[], ARRAY[1, 2]::real[])'),
  ('SELECT jaccard_sim(ARRAY[$1, 2, 1], ARRAY[1, 2])'), ('SELECT cosine_sim(''a b''::tsvector, ''b c''::tsvector, (SELECT idf(d) FROM unnest(ARRAY[''a b'', ''b c''::tsvector]) AS d))'), ('SELECT * FROM personalize.models'), ('SELECT * FROM personalize.progress');
CREATE FUNCTION fail(times int) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  calls text[] := (SELECT array_agg(call) FROM failures);
  failed bigint := 0;
BEGIN
  FOR k IN 1..times LOOP
    BEGIN
      EXECUTE calls[1 + k % cardinality(calls)];
    EXCEPTION WHEN OTHERS THEN failed := failed + 1;
    END;
  END LOOP;
  RETURN failed;
END $$;
CREATE FUNCTION succeed(times int) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  calls text[] := (SELECT array_agg(call) FROM successes);
BEGIN
  FOR k IN 1..times LOOP
    EXECUTE calls[1 + k % cardinality(calls)] USING (1 + k % 40)::bigint;
  END LOOP;
  RETURN times;
END $$;
CREATE FUNCTION train(times int) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  trained bigint := 0;
BEGIN
  FOR k IN 1..times LOOP
    BEGIN
      PERFORM train_mf(CASE k % 3 WHEN 0 THEN 'failing' ELSE 'likes' END, 'again', factors => 3, iterations => 1, positive_from => CASE k % 3 WHEN 1 THEN 7 END, seed => k);
      PERFORM recommend_for(k, 3, 'again');
      trained := trained + 1;
    EXCEPTION WHEN division_by_zero OR invalid_parameter_value THEN NULL;
    END;
  END LOOP;
  RETURN trained;
END $$;
CREATE FUNCTION memory(OUT contexts int, OUT resident int, OUT files int, OUT mappings int) LANGUAGE sql AS $$
  SELECT (SELECT sum(total_bytes)::int FROM pg_backend_memory_contexts),
         -- a sanitizer keeps what is freed for a while, so that the process grows by design
         CASE WHEN pg_read_file('/proc/self/maps', 0, 1000000, true) ~ 'lib[at]san' THEN 0
              ELSE coalesce((substring(pg_read_file('/proc/self/status', 0, 8000, true) FROM 'VmRSS:\s+(\d+) kB'))::int, 0) END,
         (SELECT count(*)::int FROM pg_ls_dir('/proc/self/fd', true, false)),
         (SELECT count(*)::int FROM regexp_matches(pg_read_file('/proc/self/maps', 0, 1000000, true), 'pgsql_tmp_personalize', 'g'))
$$;
SELECT count(*) AS warm FROM (SELECT fail(3000), succeed(3000), train(60)) AS w \gset
SELECT * FROM memory() \gset before_
SELECT is(fail(20000), 20000::bigint, '20,000 calls that fail');
SELECT * FROM memory() \gset failed_
SELECT cmp_ok(:failed_contexts - :before_contexts, '<', 200000, 'leave nothing in memory contexts');
SELECT cmp_ok(:failed_resident - :before_resident, '<', 3000, 'nor in the process (kB)');
SELECT is(succeed(20000), 20000::bigint, '20,000 calls that succeed');
SELECT * FROM memory() \gset succeeded_
SELECT cmp_ok(:succeeded_contexts - :failed_contexts, '<', 200000, 'leave nothing in memory contexts');
SELECT cmp_ok(:succeeded_resident - :failed_resident, '<', 3000, 'nor in the process (kB)');
SELECT cmp_ok((SELECT max(contexts) - min(contexts) FROM (SELECT CASE WHEN call IN (100, 10000) THEN (memory()).contexts END AS contexts
  FROM generate_series(1, 10000) AS call, LATERAL recommend_for(call % 40, 1)) AS m), '<', 200000, '10,000 calls in one statement leave nothing before it ends');
SELECT is(train(300), 100::bigint, '300 trainings, of which 200 fail');
SELECT * FROM memory() \gset trained_
SELECT cmp_ok(:trained_contexts - :succeeded_contexts, '<', 400000, 'leave nothing in memory contexts');
SELECT cmp_ok(:trained_resident - :succeeded_resident, '<', 3000, 'nor in the process (kB)');
SELECT cmp_ok(:trained_files - :before_files, '<', 20, 'no files stay open');
SELECT cmp_ok(:trained_mappings, '<', 40, 'nor mapped');
SELECT * FROM finish();
