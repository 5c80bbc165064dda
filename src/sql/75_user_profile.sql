-- What a model knows of a user. Their segment comes from a model of another kind, hence a union.

CREATE FUNCTION personalize.segment_in_words(segment integer, segments text) RETURNS text
  LANGUAGE sql STABLE PARALLEL RESTRICTED COST 20000
BEGIN ATOMIC
  SELECT coalesce((
    SELECT pg_catalog.format('one of %s, %s %% of all%s', q.size,
             pg_catalog.round((q.share OPERATOR(pg_catalog.*) 100::pg_catalog.float8)::pg_catalog.numeric),
             ': '::pg_catalog.text OPERATOR(pg_catalog.||) NULLIF(q.summary, ''))
      FROM @extschema@.segment_profile(segment_in_words.segments) AS q
     WHERE q.segment OPERATOR(pg_catalog.=) segment_in_words.segment), 'in no segment, or not in the table of the segments');
END;
COMMENT ON FUNCTION personalize.segment_in_words(integer, text) IS 'how large a segment is and what sets it apart, for user_profile';

CREATE FUNCTION personalize.user_profile_rows(user_id bigint, model text)
  RETURNS TABLE (aspect text, name text, value double precision, detail text)
  LANGUAGE C STABLE PARALLEL RESTRICTED COST 20000 ROWS 20 AS 'MODULE_PATHNAME', 'user_profile_rows';
COMMENT ON FUNCTION personalize.user_profile_rows(bigint, text) IS 'what a model of ratings knows of a user, for user_profile';

CREATE FUNCTION @extschema@.user_profile(user_id bigint, model text DEFAULT 'default', segments text DEFAULT NULL)
  RETURNS TABLE (aspect text, name text, value double precision, detail text)
  LANGUAGE sql STABLE PARALLEL RESTRICTED COST 20000 ROWS 20
BEGIN ATOMIC
  SELECT p.aspect, p.name, p.value, p.detail
    FROM (SELECT r.aspect, r.name, r.value, r.detail, r.place
            FROM personalize.user_profile_rows(user_profile.user_id, user_profile.model)
                   WITH ORDINALITY AS r (aspect, name, value, detail, place)
          UNION ALL
          SELECT 'segment', user_profile.segments, s.segment, personalize.segment_in_words(s.segment, user_profile.segments), NULL
            FROM @extschema@.segment_of(user_profile.user_id, user_profile.segments) AS s (segment)
           WHERE user_profile.segments IS NOT NULL) AS p
   ORDER BY p.aspect OPERATOR(pg_catalog.=) 'personal', p.place NULLS LAST;
END;
COMMENT ON FUNCTION @extschema@.user_profile(bigint, text, text)
  IS 'what is known of a user: activity, ratings, favourites, segment, and how personal their answers are';

CREATE FUNCTION personalize.user_profile_rows(user_id uuid, model text)
  RETURNS TABLE (aspect text, name text, value double precision, detail text)
  LANGUAGE C STABLE PARALLEL RESTRICTED COST 20000 ROWS 20 AS 'MODULE_PATHNAME', 'user_profile_rows';
COMMENT ON FUNCTION personalize.user_profile_rows(uuid, text) IS 'what a model of ratings knows of a user, for user_profile';

CREATE FUNCTION @extschema@.user_profile(user_id uuid, model text DEFAULT 'default', segments text DEFAULT NULL)
  RETURNS TABLE (aspect text, name text, value double precision, detail text)
  LANGUAGE sql STABLE PARALLEL RESTRICTED COST 20000 ROWS 20
BEGIN ATOMIC
  SELECT p.aspect, p.name, p.value, p.detail
    FROM (SELECT r.aspect, r.name, r.value, r.detail, r.place
            FROM personalize.user_profile_rows(user_profile.user_id, user_profile.model)
                   WITH ORDINALITY AS r (aspect, name, value, detail, place)
          UNION ALL
          SELECT 'segment', user_profile.segments, s.segment, personalize.segment_in_words(s.segment, user_profile.segments), NULL
            FROM @extschema@.segment_of(user_profile.user_id, user_profile.segments) AS s (segment)
           WHERE user_profile.segments IS NOT NULL) AS p
   ORDER BY p.aspect OPERATOR(pg_catalog.=) 'personal', p.place NULLS LAST;
END;
COMMENT ON FUNCTION @extschema@.user_profile(uuid, text, text)
  IS 'what is known of a user: activity, ratings, favourites, segment, and how personal their answers are';

CREATE FUNCTION personalize.user_profile_rows(user_id text, model text)
  RETURNS TABLE (aspect text, name text, value double precision, detail text)
  LANGUAGE C STABLE PARALLEL RESTRICTED COST 20000 ROWS 20 AS 'MODULE_PATHNAME', 'user_profile_rows';
COMMENT ON FUNCTION personalize.user_profile_rows(text, text) IS 'what a model of ratings knows of a user, for user_profile';

CREATE FUNCTION @extschema@.user_profile(user_id text, model text DEFAULT 'default', segments text DEFAULT NULL)
  RETURNS TABLE (aspect text, name text, value double precision, detail text)
  LANGUAGE sql STABLE PARALLEL RESTRICTED COST 20000 ROWS 20
BEGIN ATOMIC
  SELECT p.aspect, p.name, p.value, p.detail
    FROM (SELECT r.aspect, r.name, r.value, r.detail, r.place
            FROM personalize.user_profile_rows(user_profile.user_id, user_profile.model)
                   WITH ORDINALITY AS r (aspect, name, value, detail, place)
          UNION ALL
          SELECT 'segment', user_profile.segments, s.segment, personalize.segment_in_words(s.segment, user_profile.segments), NULL
            FROM @extschema@.segment_of(user_profile.user_id, user_profile.segments) AS s (segment)
           WHERE user_profile.segments IS NOT NULL) AS p
   ORDER BY p.aspect OPERATOR(pg_catalog.=) 'personal', p.place NULLS LAST;
END;
COMMENT ON FUNCTION @extschema@.user_profile(text, text, text)
  IS 'what is known of a user: activity, ratings, favourites, segment, and how personal their answers are';
