-- The figures of evaluate_model in plain SQL, by their definitions in doc/sql_reference.md. There are the relations `train`
-- and `test` (user_id, item_id); a query for lists returns (user_id, item_id, rank).
CREATE FUNCTION lists(model text, k int) RETURNS text LANGUAGE sql AS $$
  SELECT format('SELECT user_id, item_id, rank FROM recommend_all(%s, %L) WHERE user_id IN (SELECT user_id FROM test)', k, model)
$$;
-- The most popular items that the user does not have, equally popular ones by id: they are among the first k and as many
-- more as the user has.
CREATE TABLE popular_place AS SELECT row_number() OVER (ORDER BY count(*) DESC, item_id) AS place, item_id FROM train GROUP BY item_id;
CREATE UNIQUE INDEX ON popular_place (place);
ANALYZE popular_place;
CREATE FUNCTION popular(k int) RETURNS text LANGUAGE sql AS $$
  SELECT format('WITH tested AS MATERIALIZED (SELECT DISTINCT user_id FROM test), reader AS MATERIALIZED (SELECT user_id, count(train.item_id) AS has FROM tested LEFT JOIN train USING (user_id) GROUP BY user_id)
    SELECT reader.user_id, p.item_id, p.rank FROM reader, LATERAL (
      SELECT item_id, row_number() OVER (ORDER BY place) AS rank FROM (
        SELECT * FROM popular_place AS i WHERE place <= %1$s + has AND NOT EXISTS (SELECT FROM train AS t WHERE t.user_id = reader.user_id AND t.item_id = i.item_id) ORDER BY place LIMIT %1$s) AS first) AS p', k)
$$;
-- Per user, or for all where a figure is not of users.
CREATE FUNCTION figures(lists text, relevant text, k int) RETURNS TABLE (metric text, value float8) LANGUAGE plpgsql AS $$
BEGIN
  RETURN QUERY EXECUTE format($sql$
    WITH list AS MATERIALIZED (%s), relevant AS MATERIALIZED (%s),
    hit AS (SELECT user_id, rank::float8, row_number() OVER (PARTITION BY user_id ORDER BY rank)::float8 AS nth FROM list JOIN relevant USING (user_id, item_id)),
    ideal AS (SELECT r, sum(1 / (ln(r + 1.0::float8) / ln(2.0::float8))) OVER (ORDER BY r) AS gain FROM generate_series(1, %s) AS r),
    tested AS (SELECT user_id, count(*)::float8 AS n, least(count(*), %3$s)::float8 AS capped FROM relevant GROUP BY user_id),
    per_user AS (SELECT user_id, n, capped, count(rank)::float8 AS hits, coalesce(sum(1 / (ln(rank + 1) / ln(2.0::float8))), 0) AS gain, coalesce(sum(nth / rank), 0) AS precisions, coalesce(1 / min(rank), 0) AS first
      FROM tested LEFT JOIN hit USING (user_id) GROUP BY user_id, n, capped),
    item AS (SELECT item_id, count(*)::float8 AS users FROM train GROUP BY 1),
    shown AS (SELECT item_id, count(list.user_id)::float8 AS times FROM item LEFT JOIN list USING (item_id) GROUP BY 1),
    ranked AS (SELECT times, row_number() OVER (ORDER BY times) AS r, count(*) OVER () AS n, sum(times) OVER () AS total FROM shown)
    SELECT m.* FROM per_user JOIN ideal ON r = capped, LATERAL (VALUES ('precision', hits / %3$s), ('recall', hits / n), ('recall_capped', hits / capped),
        ('f1', CASE WHEN hits > 0 THEN 2 * hits / (%3$s + n) ELSE 0 END), ('ndcg', per_user.gain / ideal.gain), ('map', precisions / capped), ('mrr', first), ('hit_rate', (hits > 0)::int)) AS m(metric, value)
    UNION ALL SELECT 'novelty', avg(-ln(users / (SELECT count(DISTINCT user_id) FROM train)) / ln(2.0::float8)) FROM list JOIN item USING (item_id) GROUP BY user_id
    UNION ALL SELECT 'coverage', avg((times > 0)::int) FROM shown
    UNION ALL SELECT 'gini', sum((2 * r - n - 1) * times) / (max(n) * max(total)) FROM ranked$sql$, lists, relevant, k);
END $$;
-- Figures of evaluate_model that are not as here, for the model or for the baseline.
CREATE FUNCTION differing(model text, k int) RETURNS SETOF text LANGUAGE sql AS $$
  WITH of_model AS (SELECT metric, avg(value) AS value FROM figures(lists(model, k), 'SELECT user_id, item_id FROM test', k) GROUP BY 1),
       of_popular AS (SELECT metric, avg(value) AS value FROM figures(popular(k), 'SELECT user_id, item_id FROM test', k) GROUP BY 1)
  SELECT format('%s: %s for %s, popular %s for %s', metric, e.value, m.value, e.popularity, p.value) FROM of_model AS m JOIN of_popular AS p USING (metric)
    LEFT JOIN evaluate_model(model, 'test'::regclass, k) AS e USING (metric)
   WHERE abs(e.value - m.value) > 1e-9 OR abs(e.popularity - p.value) > 1e-9 OR e.value IS NULL OR e.popularity IS NULL
$$;
