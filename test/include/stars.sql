-- Ratings that biases and one factor explain, from 1 to 5, a tenth of them hidden to see how well they are predicted.
CREATE TABLE stars AS
  SELECT u AS user_id, i AS item_id,
         (3 + (u % 5 - 2) * 0.3 + (i % 7 - 3) * 0.2 + CASE WHEN u % 2 = i % 2 THEN 0.8 ELSE -0.8 END)::real AS rating
    FROM generate_series(1, 60) AS u, generate_series(1, 40) AS i WHERE (u * 7 + i * 3) % 4 <> 0;
CREATE VIEW known_stars AS SELECT * FROM stars WHERE (user_id * 3 + item_id) % 10 <> 0;
CREATE VIEW hidden_stars AS SELECT * FROM stars WHERE (user_id * 3 + item_id) % 10 = 0;
CREATE FUNCTION rmse(model text) RETURNS float8 LANGUAGE sql AS $$
  SELECT sqrt(avg((predict_rating(user_id, item_id, model) - rating) ^ 2)) FROM hidden_stars
$$;
CREATE TABLE by_mean AS SELECT sqrt(avg((h.rating - k.mean) ^ 2)) AS error FROM hidden_stars AS h, (SELECT avg(rating) AS mean FROM known_stars) AS k;
