CREATE FUNCTION @extschema@.cosine_sim(a jsonb, b jsonb) RETURNS double precision
  LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cosine_sim_jsonb';
COMMENT ON FUNCTION @extschema@.cosine_sim(jsonb, jsonb) IS 'cosine of two sparse vectors {"term": weight}, NULL if one is zero';

CREATE FUNCTION @extschema@.cosine_sim(a tsvector, b tsvector) RETURNS double precision
  LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cosine_sim_tsvector';
COMMENT ON FUNCTION @extschema@.cosine_sim(tsvector, tsvector) IS 'cosine of two texts by how often their terms occur, NULL if one is empty';

CREATE FUNCTION @extschema@.cosine_sim(a jsonb, b jsonb, idf jsonb) RETURNS double precision
  LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cosine_sim_jsonb_idf';
COMMENT ON FUNCTION @extschema@.cosine_sim(jsonb, jsonb, jsonb) IS 'cosine of two sparse vectors, each weight multiplied by the idf of its term';

CREATE FUNCTION @extschema@.cosine_sim(a tsvector, b tsvector, idf jsonb) RETURNS double precision
  LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cosine_sim_tsvector_idf';
COMMENT ON FUNCTION @extschema@.cosine_sim(tsvector, tsvector, jsonb) IS 'TF-IDF cosine of two texts';

CREATE FUNCTION @extschema@.tf_idf(document tsvector, idf jsonb) RETURNS jsonb
  LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'tf_idf_tsvector';
COMMENT ON FUNCTION @extschema@.tf_idf(tsvector, jsonb) IS 'the terms of a text, weighted by frequency and idf, as a vector of length 1';

CREATE FUNCTION @extschema@.tf_idf(document jsonb, idf jsonb) RETURNS jsonb
  LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'tf_idf_jsonb';
COMMENT ON FUNCTION @extschema@.tf_idf(jsonb, jsonb) IS 'the terms of a sparse vector, weighted by weight and idf, as a vector of length 1';

CREATE FUNCTION personalize.idf_accumulate(internal, tsvector) RETURNS internal
  LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'idf_accumulate_tsvector';
COMMENT ON FUNCTION personalize.idf_accumulate(internal, tsvector) IS 'a step of the aggregate idf';
CREATE FUNCTION personalize.idf_accumulate(internal, jsonb) RETURNS internal
  LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'idf_accumulate_jsonb';
COMMENT ON FUNCTION personalize.idf_accumulate(internal, jsonb) IS 'a step of the aggregate idf';
CREATE FUNCTION personalize.idf_combine(internal, internal) RETURNS internal
  LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'idf_combine';
COMMENT ON FUNCTION personalize.idf_combine(internal, internal) IS 'joins two parts of the aggregate idf';
CREATE FUNCTION personalize.idf_serialize(internal) RETURNS bytea
  LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'idf_serialize';
COMMENT ON FUNCTION personalize.idf_serialize(internal) IS 'a part of the aggregate idf as bytes';
CREATE FUNCTION personalize.idf_deserialize(bytea, internal) RETURNS internal
  LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'idf_deserialize';
COMMENT ON FUNCTION personalize.idf_deserialize(bytea, internal) IS 'a part of the aggregate idf from bytes';
CREATE FUNCTION personalize.idf_result(internal) RETURNS jsonb
  LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'idf_result';
COMMENT ON FUNCTION personalize.idf_result(internal) IS 'the result of the aggregate idf';

CREATE AGGREGATE @extschema@.idf(document tsvector) (
  SFUNC = personalize.idf_accumulate,
  STYPE = internal,
  SSPACE = 100000,
  COMBINEFUNC = personalize.idf_combine,
  SERIALFUNC = personalize.idf_serialize,
  DESERIALFUNC = personalize.idf_deserialize,
  FINALFUNC = personalize.idf_result,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE @extschema@.idf(tsvector)
  IS 'inverse document frequencies {"term": ln(documents / documents with the term)} of a group of documents';

CREATE AGGREGATE @extschema@.idf(document jsonb) (
  SFUNC = personalize.idf_accumulate,
  STYPE = internal,
  SSPACE = 100000,
  COMBINEFUNC = personalize.idf_combine,
  SERIALFUNC = personalize.idf_serialize,
  DESERIALFUNC = personalize.idf_deserialize,
  FINALFUNC = personalize.idf_result,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE @extschema@.idf(jsonb)
  IS 'inverse document frequencies {"term": ln(documents / documents with the term)} of a group of documents';
