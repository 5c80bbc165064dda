\echo '-- Ten' :things 'of' :person :reader':'
SELECT :shown:rating
FROM ratings JOIN :catalogue ON :catalogue.item_id = ratings.:item
WHERE user_id = :reader ORDER BY :latest LIMIT 10;

\echo '-- Recommended, best first. The first call of a session takes longer: it loads the model.'
\timing on
SELECT :shown, round(score::numeric, 3) AS score, reason
FROM recommend_for(:reader, 10) AS r JOIN :catalogue USING (item_id) ORDER BY r.score DESC;
