\echo '-- The first of the ten above: which of their own' :things 'speak for it, and what all together add up to.'
SELECT coalesce(title, '(all ' || reason || ')') AS because, round(contribution::numeric, 3) AS adds
FROM explain_recommendation(:reader, (SELECT item_id FROM recommend_for(:reader, 1)), 3)
     WITH ORDINALITY AS e (because_of, contribution, reason, place) LEFT JOIN :catalogue ON item_id = because_of
ORDER BY place;

\echo '-- What is known of them, in rows to read:'
SELECT aspect, coalesce(left(title, 24), name) AS name, trim_scale(round(value::numeric, 2)) AS value, detail
FROM user_profile(:reader) WITH ORDINALITY AS p (aspect, name, value, detail, place)
     LEFT JOIN :catalogue ON aspect = 'favourite item' AND item_id::text = name
ORDER BY place;
