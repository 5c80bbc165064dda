-- Tables and views that people may look at live in schema personalize; functions in the extension's schema.
CREATE SCHEMA personalize;
GRANT USAGE ON SCHEMA personalize TO PUBLIC;
COMMENT ON SCHEMA personalize IS 'models, running trainings and other tables and views of the extension personalize';

-- One row per version of a model. Its first columns are read by src/pg/model_store/store_tables.hpp, in this order.
CREATE TABLE personalize.model (
  model text COLLATE "C" NOT NULL,
  version integer NOT NULL CHECK (version > 0),
  version_id uuid NOT NULL CONSTRAINT model_version_id_key UNIQUE,
  active boolean NOT NULL,
  owner name NOT NULL,
  image_bytes bigint NOT NULL,
  image_checksum bigint NOT NULL,
  users bigint NOT NULL,
  items bigint NOT NULL,
  fold_in boolean NOT NULL,
  source_schema name NOT NULL,
  source_relation name NOT NULL,
  user_column name NOT NULL,
  item_column name NOT NULL,
  rating_column name,
  time_column name,
  on_duplicate smallint NOT NULL CHECK (on_duplicate BETWEEN 0 AND 3),
  algorithm text NOT NULL,
  user_type text NOT NULL,
  item_type text NOT NULL,
  ratings bigint NOT NULL,
  skipped bigint NOT NULL,
  merged bigint NOT NULL,
  options jsonb NOT NULL,
  metrics jsonb NOT NULL,
  trained_at timestamptz NOT NULL,
  train_seconds double precision NOT NULL,
  CONSTRAINT model_pkey PRIMARY KEY (model, version)
);
CREATE UNIQUE INDEX model_active ON personalize.model (model) WHERE active;
COMMENT ON TABLE personalize.model IS 'versions of trained models, and where their ratings came from';

-- The image of a version (doc/model_format.md), cut into blocks of 256 kB.
CREATE TABLE personalize.model_block (
  version_id uuid NOT NULL,
  block integer NOT NULL CHECK (block >= 0),
  bytes bytea NOT NULL,
  CONSTRAINT model_block_pkey PRIMARY KEY (version_id, block)
);
ALTER TABLE personalize.model_block ALTER COLUMN bytes SET STORAGE EXTERNAL;
COMMENT ON TABLE personalize.model_block IS 'what the versions in personalize.model have learnt, in pieces';

CREATE TABLE personalize.model_grant (
  model text COLLATE "C" NOT NULL,
  grantee name NOT NULL,
  CONSTRAINT model_grant_pkey PRIMARY KEY (model, grantee)
);
COMMENT ON TABLE personalize.model_grant IS 'roles that may use a model beside its owner';

SELECT pg_catalog.pg_extension_config_dump('personalize.model', '');
SELECT pg_catalog.pg_extension_config_dump('personalize.model_block', '');
SELECT pg_catalog.pg_extension_config_dump('personalize.model_grant', '');

-- The tables belong to the superuser who the script runs as; whoever installs the extension dumps and restores them.
GRANT SELECT, INSERT ON personalize.model, personalize.model_block, personalize.model_grant TO @extowner@;

CREATE VIEW personalize.models WITH (security_barrier = true) AS
  SELECT m.model, m.version, m.active, m.algorithm,
         pg_catalog.format('%I.%I', m.source_schema, m.source_relation) AS source,
         m.users, m.items, m.ratings, m.options, m.metrics, m.image_bytes AS size, m.owner, m.trained_at,
         m.train_seconds, m.user_type, m.item_type
    FROM personalize.model m
   WHERE (SELECT r.rolsuper FROM pg_catalog.pg_roles r WHERE r.rolname OPERATOR(pg_catalog.=) current_user)
      OR EXISTS (SELECT FROM pg_catalog.pg_roles r
                  WHERE pg_catalog.pg_has_role(r.oid, 'USAGE')
                    AND (r.rolname OPERATOR(pg_catalog.=) m.owner
                         OR EXISTS (SELECT FROM personalize.model_grant g
                                     WHERE g.model OPERATOR(pg_catalog.=) m.model
                                       AND g.grantee OPERATOR(pg_catalog.=) r.rolname)))
      OR EXISTS (SELECT FROM personalize.model_grant g
                  WHERE g.model OPERATOR(pg_catalog.=) m.model
                    AND g.grantee OPERATOR(pg_catalog.=) 'public'::name);
GRANT SELECT ON personalize.models TO PUBLIC;
COMMENT ON VIEW personalize.models IS 'versions of the models that you may use';

CREATE FUNCTION personalize.training_progress(
  OUT pid integer, OUT model text, OUT phase text, OUT iteration integer, OUT iterations integer,
  OUT loss double precision, OUT rows_read bigint, OUT started timestamptz)
  RETURNS SETOF record
  LANGUAGE C VOLATILE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'training_progress';
COMMENT ON FUNCTION personalize.training_progress() IS 'trainings, tunings and evaluations that run now in this database; see the view progress';

CREATE VIEW personalize.progress AS SELECT * FROM personalize.training_progress();
GRANT SELECT ON personalize.progress TO PUBLIC;
COMMENT ON VIEW personalize.progress IS 'trainings, tunings and evaluations that run now: yours, or everyone''s for members of pg_read_all_stats';

CREATE FUNCTION personalize.rows_first_argument(internal) RETURNS internal
  LANGUAGE C STRICT AS 'MODULE_PATHNAME', 'rows_first_argument';
COMMENT ON FUNCTION personalize.rows_first_argument(internal) IS 'row estimate for the planner';
CREATE FUNCTION personalize.rows_second_argument(internal) RETURNS internal
  LANGUAGE C STRICT AS 'MODULE_PATHNAME', 'rows_second_argument';
COMMENT ON FUNCTION personalize.rows_second_argument(internal) IS 'row estimate for the planner';
CREATE FUNCTION personalize.rows_for_all_users(internal) RETURNS internal
  LANGUAGE C STRICT AS 'MODULE_PATHNAME', 'rows_for_all_users';
COMMENT ON FUNCTION personalize.rows_for_all_users(internal) IS 'row estimate for the planner';
CREATE FUNCTION personalize.rows_of_users(internal) RETURNS internal
  LANGUAGE C STRICT AS 'MODULE_PATHNAME', 'rows_of_users';
COMMENT ON FUNCTION personalize.rows_of_users(internal) IS 'row estimate for the planner';
CREATE FUNCTION personalize.rows_of_items(internal) RETURNS internal
  LANGUAGE C STRICT AS 'MODULE_PATHNAME', 'rows_of_items';
COMMENT ON FUNCTION personalize.rows_of_items(internal) IS 'row estimate for the planner';
