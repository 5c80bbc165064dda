CREATE FUNCTION @extschema@.drop_model(model text) RETURNS void
  LANGUAGE C VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'drop_model';
COMMENT ON FUNCTION @extschema@.drop_model(text) IS 'drops all versions of a model';

CREATE FUNCTION @extschema@.activate_model(model text, version integer) RETURNS void
  LANGUAGE C VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'activate_model';
COMMENT ON FUNCTION @extschema@.activate_model(text, integer) IS 'rolls a model back or forward to one of its versions';

CREATE FUNCTION @extschema@.grant_model(model text, role text) RETURNS void
  LANGUAGE C VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'grant_model';
COMMENT ON FUNCTION @extschema@.grant_model(text, text) IS 'lets a role (or public) use a model';

CREATE FUNCTION @extschema@.revoke_model(model text, role text) RETURNS void
  LANGUAGE C VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'revoke_model';
COMMENT ON FUNCTION @extschema@.revoke_model(text, text) IS 'takes back what grant_model gave';
