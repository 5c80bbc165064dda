-- What tune_mf tried; src/pg/model_store/tuning_log.cpp writes it.
CREATE TABLE personalize.tuning_trial (
  model text COLLATE "C" NOT NULL,
  run integer NOT NULL CHECK (run > 0),
  trial integer NOT NULL CHECK (trial > 0),
  owner name NOT NULL,
  state text NOT NULL CHECK (state IN ('scored', 'chosen')),
  metric text NOT NULL,
  score double precision,
  standard_error double precision,
  popularity double precision,
  users bigint NOT NULL,
  iterations integer NOT NULL,
  options jsonb NOT NULL,
  seconds double precision NOT NULL,
  scored_at timestamptz NOT NULL,
  CONSTRAINT tuning_trial_pkey PRIMARY KEY (model, run, trial)
);
COMMENT ON TABLE personalize.tuning_trial IS 'settings that tune_mf tried; see the view tuning_trials';

SELECT pg_catalog.pg_extension_config_dump('personalize.tuning_trial', '');
GRANT SELECT, INSERT ON personalize.tuning_trial TO @extowner@;

CREATE VIEW personalize.tuning_trials WITH (security_barrier = true) AS
  SELECT t.model, t.run, t.trial, t.state, t.metric, t.score, t.standard_error, t.popularity, t.users, t.iterations,
         t.options, t.seconds, t.scored_at
    FROM personalize.tuning_trial t
   WHERE (SELECT r.rolsuper FROM pg_catalog.pg_roles r WHERE r.rolname OPERATOR(pg_catalog.=) current_user)
      OR EXISTS (SELECT FROM pg_catalog.pg_roles r
                  WHERE r.rolname OPERATOR(pg_catalog.=) t.owner AND pg_catalog.pg_has_role(r.oid, 'USAGE'));
GRANT SELECT ON personalize.tuning_trials TO PUBLIC;
COMMENT ON VIEW personalize.tuning_trials IS 'settings that tune_mf tried for your models, and how good they were';
